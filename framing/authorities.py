"""The states and bodies that list groups as terrorist, by the names that news gives them.

Each line of the table is `Authority: capitals, agencies | adjectives`. Names in capitals are only found in capitals
(`US`, not `us`), the others where they open with one. Heads of state are left out: they change.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_TABLE: Final = """
United States: US, U.S., U. S., USA, america, washington, state department, department of state, treasury,
 treasury department, white house, pentagon, homeland security, justice department, department of justice,
 secretary of state, F.B.I., FBI | american
United Kingdom: UK, U.K., U. K., britain, great britain, london, home office, home secretary, downing street | british
European Union: EU, E.U., europe, brussels, council of the EU, EU council, european council,
 european commission | european
European Parliament: meps
European countries: european states, european nations, european governments
United Nations: UN, U.N., U. N., UN security council, U.N. security council, security council
Western countries: western powers, western nations, western states, western governments
Gulf Arab countries: gulf states, gulf arab states, gulf countries, GCC, gulf cooperation council
Arab League: league of arab states
African Union: AU
Organization of Islamic Cooperation: OIC
Collective Security Treaty Organization: CSTO
Shanghai Cooperation Organization: SCO
NATO: north atlantic treaty organization, atlantic alliance
Russia: russian federation, moscow, kremlin, FSB, rosfinmonitoring | russian
Turkey: türkiye, turkiye, ankara | turkish
Israel: israelis, tel aviv, shin bet, IDF | israeli
Iran: tehran, islamic republic, majlis | iranian
Syria: damascus | syrian
Egypt: cairo | egyptian
Saudi Arabia: saudis, riyadh | saudi
United Arab Emirates: UAE, U.A.E., emirates, abu dhabi | emirati
Qatar: doha | qatari
Bahrain: manama | bahraini
Kuwait: | kuwaiti
Oman: muscat | omani
Yemen: sanaa | yemeni
Jordan: amman | jordanian
Lebanon: beirut | lebanese
Iraq: baghdad | iraqi
Palestinian Authority: ramallah
Libya: tripoli | libyan
Tunisia: tunis | tunisian
Algeria: algiers | algerian
Morocco: rabat | moroccan
Mauritania: nouakchott | mauritanian
Sudan: khartoum | sudanese
South Sudan: juba | south sudanese
Ethiopia: addis ababa | ethiopian
Eritrea: asmara | eritrean
Somalia: mogadishu | somali
Kenya: nairobi | kenyan
Uganda: kampala | ugandan
Tanzania: | tanzanian
Rwanda: kigali | rwandan
Burundi: | burundian
Democratic Republic of the Congo: DRC, kinshasa | congolese
Mozambique: maputo | mozambican
South Africa: pretoria | south african
Zimbabwe: harare | zimbabwean
Nigeria: abuja | nigerian
Niger: niamey | nigerien
Chad: n'djamena | chadian
Cameroon: yaounde, yaoundé | cameroonian
Mali: bamako | malian
Burkina Faso: ouagadougou | burkinabe
Senegal: dakar | senegalese
Ghana: accra | ghanaian
Afghanistan: kabul | afghan
Pakistan: islamabad | pakistani
India: new delhi, delhi | indian
Bangladesh: dhaka | bangladeshi
Sri Lanka: colombo | sri lankan
Nepal: kathmandu | nepali, nepalese
Myanmar: burma, naypyidaw, naypyitaw | burmese
Thailand: bangkok | thai
Malaysia: kuala lumpur | malaysian
Singapore: | singaporean
Indonesia: jakarta | indonesian
Philippines: manila | philippine, filipino
Vietnam: hanoi | vietnamese
Cambodia: phnom penh | cambodian
China: beijing | chinese
Taiwan: taipei | taiwanese
Japan: tokyo | japanese
South Korea: seoul | south korean
North Korea: pyongyang | north korean
Mongolia: | mongolian
Kazakhstan: astana | kazakh, kazakhstani
Kyrgyzstan: bishkek | kyrgyz
Tajikistan: dushanbe | tajik
Uzbekistan: tashkent | uzbek
Turkmenistan: ashgabat | turkmen
Azerbaijan: baku | azerbaijani, azeri
Armenia: yerevan | armenian
Georgia: tbilisi | georgian
Belarus: minsk | belarusian, belarussian
Ukraine: kyiv, kiev | ukrainian
Moldova: chisinau | moldovan
Poland: warsaw | polish
Lithuania: vilnius, seimas | lithuanian
Latvia: riga, saeima | latvian
Estonia: tallinn, riigikogu | estonian
Finland: helsinki | finnish
Sweden: stockholm | swedish
Norway: oslo | norwegian
Denmark: copenhagen | danish
Germany: berlin, bundestag | german
Austria: vienna | austrian
Switzerland: bern | swiss
Netherlands: the hague | dutch
Belgium: | belgian
France: paris | french
Spain: madrid | spanish
Portugal: lisbon | portuguese
Italy: rome | italian
Greece: athens | greek
Cyprus: nicosia | cypriot
Ireland: dublin | irish
Czech Republic: czechia, prague | czech
Slovakia: bratislava | slovak
Hungary: budapest | hungarian
Romania: bucharest | romanian
Bulgaria: sofia | bulgarian
Serbia: belgrade | serbian
Croatia: zagreb | croatian
Slovenia: ljubljana | slovenian, slovene
Bosnia and Herzegovina: bosnia, sarajevo | bosnian
Kosovo: pristina | kosovan
Albania: tirana | albanian
North Macedonia: skopje | macedonian
Canada: ottawa | canadian
Mexico: mexico city | mexican
Guatemala: | guatemalan
Honduras: tegucigalpa | honduran
El Salvador: san salvador | salvadoran
Nicaragua: managua | nicaraguan
Cuba: havana | cuban
Haiti: | haitian
Colombia: bogota, bogotá | colombian
Venezuela: caracas | venezuelan
Ecuador: quito | ecuadorian, ecuadorean
Peru: lima | peruvian
Bolivia: la paz | bolivian
Brazil: brasilia, brasília | brazilian
Paraguay: asuncion, asunción | paraguayan
Uruguay: montevideo | uruguayan
Argentina: buenos aires | argentine, argentinian
Chile: santiago | chilean
Australia: canberra | australian
New Zealand: wellington
"""


def _table() -> tuple[dict[str, str], frozenset[str]]:
    """Give the authority of every name, acronyms as they are and the others in lower case, and the adjectives."""
    names: dict[str, str] = {}
    adjectives: set[str] = set()
    for line in _TABLE.strip().replace(",\n ", ", ").splitlines():
        authority, _, others = line.partition(":")
        nouns, _, forms = others.partition("|")
        adjectives |= {name.strip() for name in forms.split(",")}
        known = [name.strip() for name in (authority, *nouns.split(","), *forms.split(",")) if name.strip()]
        names |= {name if name.isupper() else name.lower(): authority for name in known}
    return names, frozenset(adjectives)


NAMES, ADJECTIVES = _table()
"""Each known name, in lower case unless it is an acronym, with the authority that it stands for; those that only say
where something is from."""

_ANY: Final = re.compile(
    r"(?<![\w.])(?<!National )(?:\w+ administration|"
    + "|".join(re.escape(name) for name in sorted(NAMES, key=len, reverse=True))
    + r")(?!\w)",
    re.IGNORECASE,
)


class Mention(NamedTuple):
    """A name of an authority in a text.

    Attributes:
        start: first code point.
        end: code point after its last.
        authority: whom it stands for.
        adjective: whether it says only where something is from (`Iranian`).
    """

    start: int
    end: int
    authority: str
    adjective: bool = False


def mentions(text: str, start: int = 0, end: int | None = None) -> list[Mention]:
    """Find the states and bodies that `text[start:end]` names, in order; each name opens with a capital."""
    found = []
    for match in _ANY.finditer(text, start, len(text) if end is None else end):
        name = match.group()
        authority = NAMES.get(name) if name.isupper() else None
        authority = authority or (NAMES.get(name.lower()) if name[0].isupper() else None)
        if not authority and name.endswith(" administration") and name[0].isupper():
            authority = "United States"  # `the Obama administration`; other governments are not called so
        if authority:
            found.append(Mention(*match.span(), authority, name.lower() in ADJECTIVES))
    return found
