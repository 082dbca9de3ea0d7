"""The states and bodies that list groups as terrorist, by the names that news gives them.

Each line of the table is `Authority: adjectives, capitals, agencies`. Names in capitals are only found in capitals
(`US`, not `us`), the others where they open with one. Heads of state are left out: they change.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_TABLE: Final = """
United States: US, U.S., U. S., USA, america, american, washington, state department, department of state,
 treasury, treasury department, white house, pentagon, homeland security, justice department, department of justice,
 secretary of state, F.B.I., FBI
United Kingdom: UK, U.K., U. K., britain, great britain, british, london, home office, home secretary, downing street
European Union: EU, E.U., europe, european, brussels, council of the EU, EU council, european council,
 european commission
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
Russia: russian, russian federation, moscow, kremlin, FSB, rosfinmonitoring
Turkey: türkiye, turkiye, turkish, ankara
Israel: israeli, israelis, tel aviv, shin bet, IDF
Iran: iranian, tehran, islamic republic, majlis
Syria: syrian, damascus
Egypt: egyptian, cairo
Saudi Arabia: saudi, saudis, riyadh
United Arab Emirates: UAE, U.A.E., emirati, emirates, abu dhabi
Qatar: qatari, doha
Bahrain: bahraini, manama
Kuwait: kuwaiti
Oman: omani, muscat
Yemen: yemeni, sanaa
Jordan: jordanian, amman
Lebanon: lebanese, beirut
Iraq: iraqi, baghdad
Palestinian Authority: ramallah
Libya: libyan, tripoli
Tunisia: tunisian, tunis
Algeria: algerian, algiers
Morocco: moroccan, rabat
Mauritania: mauritanian, nouakchott
Sudan: sudanese, khartoum
South Sudan: south sudanese, juba
Ethiopia: ethiopian, addis ababa
Eritrea: eritrean, asmara
Somalia: somali, mogadishu
Kenya: kenyan, nairobi
Uganda: ugandan, kampala
Tanzania: tanzanian
Rwanda: rwandan, kigali
Burundi: burundian
Democratic Republic of the Congo: DRC, congolese, kinshasa
Mozambique: mozambican, maputo
South Africa: south african, pretoria
Zimbabwe: zimbabwean, harare
Nigeria: nigerian, abuja
Niger: nigerien, niamey
Chad: chadian, n'djamena
Cameroon: cameroonian, yaounde, yaoundé
Mali: malian, bamako
Burkina Faso: burkinabe, ouagadougou
Senegal: senegalese, dakar
Ghana: ghanaian, accra
Afghanistan: afghan, kabul
Pakistan: pakistani, islamabad
India: indian, new delhi, delhi
Bangladesh: bangladeshi, dhaka
Sri Lanka: sri lankan, colombo
Nepal: nepali, nepalese, kathmandu
Myanmar: burma, burmese, naypyidaw, naypyitaw
Thailand: thai, bangkok
Malaysia: malaysian, kuala lumpur
Singapore: singaporean
Indonesia: indonesian, jakarta
Philippines: philippine, filipino, manila
Vietnam: vietnamese, hanoi
Cambodia: cambodian, phnom penh
China: chinese, beijing
Taiwan: taiwanese, taipei
Japan: japanese, tokyo
South Korea: south korean, seoul
North Korea: north korean, pyongyang
Mongolia: mongolian
Kazakhstan: kazakh, kazakhstani, astana
Kyrgyzstan: kyrgyz, bishkek
Tajikistan: tajik, dushanbe
Uzbekistan: uzbek, tashkent
Turkmenistan: turkmen, ashgabat
Azerbaijan: azerbaijani, azeri, baku
Armenia: armenian, yerevan
Georgia: georgian, tbilisi
Belarus: belarusian, belarussian, minsk
Ukraine: ukrainian, kyiv, kiev
Moldova: moldovan, chisinau
Poland: polish, warsaw
Lithuania: lithuanian, vilnius, seimas
Latvia: latvian, riga, saeima
Estonia: estonian, tallinn, riigikogu
Finland: finnish, helsinki
Sweden: swedish, stockholm
Norway: norwegian, oslo
Denmark: danish, copenhagen
Germany: german, berlin, bundestag
Austria: austrian, vienna
Switzerland: swiss, bern
Netherlands: dutch, the hague
Belgium: belgian
France: french, paris
Spain: spanish, madrid
Portugal: portuguese, lisbon
Italy: italian, rome
Greece: greek, athens
Cyprus: cypriot, nicosia
Ireland: irish, dublin
Czech Republic: czechia, czech, prague
Slovakia: slovak, bratislava
Hungary: hungarian, budapest
Romania: romanian, bucharest
Bulgaria: bulgarian, sofia
Serbia: serbian, belgrade
Croatia: croatian, zagreb
Slovenia: slovenian, slovene, ljubljana
Bosnia and Herzegovina: bosnia, bosnian, sarajevo
Kosovo: kosovan, pristina
Albania: albanian, tirana
North Macedonia: macedonian, skopje
Canada: canadian, ottawa
Mexico: mexican, mexico city
Guatemala: guatemalan
Honduras: honduran, tegucigalpa
El Salvador: salvadoran, san salvador
Nicaragua: nicaraguan, managua
Cuba: cuban, havana
Haiti: haitian
Colombia: colombian, bogota, bogotá
Venezuela: venezuelan, caracas
Ecuador: ecuadorian, ecuadorean, quito
Peru: peruvian, lima
Bolivia: bolivian, la paz
Brazil: brazilian, brasilia, brasília
Paraguay: paraguayan, asuncion, asunción
Uruguay: uruguayan, montevideo
Argentina: argentine, argentinian, buenos aires
Chile: chilean, santiago
Australia: australian, canberra
New Zealand: wellington
"""


def _table() -> dict[str, str]:
    """Give the authority of every name: acronyms as they are, the others in lower case."""
    names: dict[str, str] = {}
    for line in _TABLE.strip().replace(",\n ", ", ").splitlines():
        authority, _, others = line.partition(":")
        known = [name.strip() for name in (authority, *others.split(",")) if name.strip()]
        names |= {name if name.isupper() else name.lower(): authority for name in known}
    return names


NAMES: Final = _table()
"""Each known name, in lower case unless it is an acronym, and the authority that it stands for."""

_ANY: Final = re.compile(
    r"(?<![\w.])(?<!National )(?:\w+ administration|"
    + "|".join(re.escape(name) for name in sorted(NAMES, key=len, reverse=True))
    + r")(?!\w)",
    re.IGNORECASE,
)


class Mention(NamedTuple):
    """A name of an authority in a text: half-open code-point offsets, and the authority."""

    start: int
    end: int
    authority: str


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
            found.append(Mention(*match.span(), authority))
    return found
