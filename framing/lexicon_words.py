"""The word lists of the lexicon's patterns, by the names that `framing.lexicon_rules` gives them.

They come from the codebook and from reading the training part of the cue corpus.
"""

from __future__ import annotations

import re
from typing import Final

from framing.authorities import ADJECTIVES, NAMES


def alternatives(words: str) -> str:
    """Make an alternation of words divided by white space, longest first; `_` stands for a blank inside one."""
    return "(?:" + "|".join(sorted((word.replace("_", " ") for word in words.split()), key=len, reverse=True)) + ")"


def _after(words: str) -> str:
    """Ask for one of the words right before a match; `re` wants one look-behind a width."""
    return "(?:" + "|".join(f"(?<={word.replace('_', ' ')} )" for word in words.split()) + ")"


def _not_after(words: str) -> str:
    """Refuse a match behind one of the words; `re` wants one look-behind a width."""
    return "".join(f"(?<!{word.replace('_', ' ')} )" for word in words.split())


LISTS: Final = {
    # pretext: what opens the reason belongs to the span, except `not to`; words between `under` and `pretext`
    "OPENS": r"(?: (?:to(?! not)|for|that|of)\b)",
    "FALSE": alternatives(
        "false various different new flimsy baseless absurd other one thin mere flimsiest_of this its political "
        "completely trumped_up"
    ),
    # distancing: verbs of `what he calls`; objects and owners of a claim that is no statement
    "SPEAKER": r"(?:he|she|it|they)(?: (?:has|have|had))?",
    "CALLS": alternatives(
        "call calls called describe describes described term terms termed deem deems deemed label labels labeled "
        "labelled characterize characterizes characterized dubs dubbed claim claims claimed considers"
    ),
    "NO_CLAIM": r"(?: (?:an? |the |full |sole |no |any |all |its |his |her |their )?"
    + alternatives(
        "responsib victor victim benefit insurance lives life credit title right top crown presidency nomination "
        "mantle throne asylum damage vindication ownership territor land\\b seat prize majority success support "
        "refugee status unemployment privilege executive jobless minority political first interest spot win stake "
        "mandate share sovereignty attack bombing blast assault strike kill shooting massacre murder"
    )
    + r"| (?:to fame|of responsib|adjust|for (?:unemployment|jobless|damages|benefits|insurance|asylum)|"
    r"(?:to|over|on) (?:the |parts of |all |its )*(?:land|territor|sea|island|waters|coast|west bank|region)))",
    "NO_CLAIM_AMOUNT": r"(?! (?:\d+|more than|at least|nearly|hundreds|thousands|dozens|another|two|three|four|five|"
    r"six|seven|eight|nine|ten|many|several)\b)",
    "NO_CLAIM_BEFORE": _not_after(
        "insurance land jobless benefit benefits unemployment medical court immunity legal prosecution' asylum "
        "immediate health initial damages disability attack to_claim territorial maritime sovereignty rival injury "
        "discrimination malpractice file filed filing settle settled settling pay paid"
    ),
    "SAID_IT": _after(
        "he she it they who also has have had falsely repeatedly wrongly officials critics lawyers democrats "
        "republicans"
    ),
    # terrorist_designation: actors and classes that stand inside the span. No entry may be made of two others, here
    # and in SIDE: a repeated group that can read one text in two ways takes exponential time
    "ACTOR": alternatives(
        "isis isil daesh hamas hezbollah taliban al-qaeda al_qaeda al-qaida al_qaida qaeda "
        "boko_haram haqqani mek mko pkk al-shabab al-shabaab al-nusra nusra antifa kkk daesh_\\(isil\\) isis/isil "
        "jihad radical islamic islamist muslim violent domestic foreign international global takfiri "
        "jihadist extremist sunni right-wing left-wing far-right far-left far_right far_left rightwing leftwing "
        "alt-right neo-nazi supremacist white nationalist republican democratic conservative liberal animal_rights gun "
        "climate religious environmental economic political medical ideological racist state-sponsored narco eco "
        "cyber homegrown anti-government designated proscribed outlawed banned lone-wolf state u.s.-designated "
        "un-designated internationally_designated internationally-designated armed specially_designated "
        "transnational christian jewish hindu terrorist "
        "nuclear police governmental militant"
    ),
    "ANTI": "(?:anti-[a-z]+ )?",  # `anti-tax extremists`
    "MIDDLE": "(?:(?:insurgent|militant|separatist|rebel|islamist|(?:and|or) (?:extremist|terrorist|insurgent)|"
    "political|armed|israeli|jewish) )*",
    # words behind a terrorist adjective that are no head of its phrase, or that make a topic of it
    "NO_HEAD": r"(?!(?:that|with|from|when|while|where|have|were|will|would|could|should|been|because|after|before|"
    r"than|"
    r"then|this|they|into|over|more|most|also|watch|screening|content|propaganda|list\w*|ideolog\w*|views?\b|"
    r"viewpoints?|"
    r"politics|positions?|rhetoric|who|which|islamist|whose|during|until|against|about|under|within|like|even|just|"
    r"only|"
    r"says|said|being|islamic|such|recruitment|financing|material\w*|nationalism|\w+(?:ed|ly)\b|risk\b|"
    r"legislation|definition|label\b|might|must|does|those|their|there|what|each|once|since|though|ought|back"
    r"|again|nor|yet|for\b))",
    # verbs of law and verbs of opinion, with the name of a class behind them; what is listed may stand between
    "LISTED": r"(?:re-?)?(?:designat(?:ed|es?|ing|ion of)|blacklist(?:ed|s|ing)?|proscrib(?:ed|es?|ing)|"
    r"outlaw(?:ed|s|ing)|listed|listing of|lists?(?= (?:[\w.'()-]+ ){0,6}as\b)|banned|sanctioned(?= by )|added to the)",
    "BRANDED": r"(?:classif(?:ied|ies|y|ying)|label(?:l?ed|s|l?ing)?|brand(?:ed|ing)|recogni[sz]ed)",
    "BETWEEN": r" (?:[\w.'&-]+ |\([\w.' -]+\) ){0,6}?(?:as |to be )?(?:an? )?",
    "CLASS": r"(?:(?:specially designated|foreign|global|domestic|international|islamic|banned) ){0,2}"
    r"(?:state sponsors? of terror(?:ism)?|(?:terrorist|terror|extremist)s?"
    r"(?: (?:group|organi[sz]ation|entit(?:y|ie)|state|outfit|movement)s?)?)\b",
    "LISTED_AS": r"(?:[\"“‘']@CLASS(?![ -][a-z])[”’\"']?|@CLASS)",
    # a listing with its state; `STATE` is any noun of `framing.authorities`
    "BANNED": r"(?:banned|outlawed|proscribed|blacklisted|prohibited|listed|designated)",
    "STATE": "(?:"
    + "|".join(
        sorted({re.escape(name.lower()) for name in NAMES if name.lower() not in ADJECTIVES}, key=len, reverse=True)
    )
    + r")(?!\w)",
    "STATES": r"(?:the )?(?:government of )?@STATE(?:(?:, | and |, and |/)(?:the )?@STATE)*",
    # what a state outlaws: not a drug or a film
    "OUTLAW": r"\b(?:groups?|militias?|movements?|part(?:y|ies)|organi[sz]ations?|fronts?|brigades?|army"
    r"|networks?|militants?|rebels?|"
    r"separatists?|insurgents?|guerrillas?|fighters?|jihad\w*|islamists?|terror\w*|extremis\w*|brotherhood|liberation|"
    r"hezbollah|hi[sz]bu?llah|hizb\S*|pkk|isis|taliban|hamas|al[- ]qa\w+|sects?|factions?|cartels?|unions?"
    r"|leagues?|caliphate|wing)\b",
    "TOPIC": r"(?! (?:watch|screening|index|act\b|law|task|list|studies|unit|expert|analyst|scholar|charge|statute|"
    r"investigat|financing act|threat|case))",
    # group_label: modifiers that belong to the label, and the nouns that an adjectival label takes along
    "SIDE": r"(?:(?:islamist|islamic|radical|leftist|left-wing|far-left|right-wing|far-right|liberal|"
    r"conservative|communist|socialist|marxist|fascist|street|union|immigration|policy|"
    r"militant|catholic|white|social-justice|eco-|anti-government|zionist|puppet|neo-nazi|jihadist) ?)*",
    "BAND": alternatives(
        "group groups organization organizations organisation organisations leader leaders faction factions force "
        "forces movement movements cell cells fighters wing army network networks commander commanders"
    ),
    "MOB": alternatives(
        "angry lynch lynching internet twitter online left-wing leftist far-left liberal woke right-wing racist "
        "raging rage digital outrage antifa democrat social_media liberal_media pitchfork radical"
    ),
    # elites that are charged, and those that sociology knows, too
    "CHARGED": alternatives(
        "media liberal global washington hollywood coastal corporate cultural fascist governing educated "
        "progressive d.c. "
        "metropolitan urban globalist beltway left-wing wealthy western"
    ),
    "ELITE": alternatives("political economic ruling business power financial and academic intellectual"),
    "NO_REGIME_BEFORE": _not_after(
        "sanctions sanction tax visa legal trade testing nonproliferation proliferation regulatory inspection "
        "inspections peace treaty verification climate bailout tariff visa-free compliance export immigration "
        "disclosure "
        "npt neutrality leadership torture deportation contraception abortion energy emissions policy spending "
        "interrogation "
        "safeguards monitoring transparency pro-family carbon copyright patent"
    ),
    # sponsor_label: powers, and first parts of compounds that are no power but a party, a funder at home or an adverb
    "POWER": alternatives(
        "u.s. us usa united_states american america washington russian russia russians moscow kremlin putin soviet "
        "soviet_union iranian iran tehran saudi saudis saudi_arabia riyadh israeli israel zionist chinese china "
        "beijing turkish turkey ankara qatari qatar doha uae emirati egyptian egypt syrian syria assad ukrainian "
        "ukraine uk "
        "british britain french nato western west un u.n. eu al-qaeda al_qaeda qaeda al-qaida al_qaida qaida isis "
        "isil daesh islamic_state hamas hezbollah taliban muslim_brotherhood brotherhood pkk irgc houthi cia koch "
        "soros george_soros bloomberg steyer adelson mercer shiite sunni kurdish palestinian foreign haftar nra "
        "tea_party islamist north_korean north_korea pakistani gulf arab african_union rwandan cuban venezuelan"
    ),
    "NO_POWER": "(?!"
    + alternatives(
        "republican democratic democrat gop house senate well self employer taxpayer student black non long facebook "
        "google amazon race market under over federally publicly privately fully family women woman minority "
        "government state white labor union party police bank company veteran jointly newly nuclear ill department "
        "pentagon federal nations church military army close loosely closely better dis un re best cross hand home "
        "science peer fact doctor crowd debt asset mortgage gold industry court committee parent internationally "
        "politically inter cancer gang drug heavily then afghan community trump clinton obama bipartisan stimulus "
        "end remote co part local israeli investor venture locally city county school lawfully right "
        "constitutionally administration donor "
        "corporate eu aclu nasa"
    )
    + "-)",
    "PARTISAN": alternatives("democrat democratic republican gop trump obama clinton biden pelosi"),
    "BUSINESS": r"(?! (?:\w+ ){0,2}?(?:consorti\w+|bids?|takeovers?|invest\w+|stud(?:y|ies)|research\w*|projects?"
    r"|compan(?:y|ies)|firms?|"
    r"deals?|process|dialogue|parliament|talks|negotiations|ventures?|funds?)\b)",
    "MEDIUM": r"(?= (?:[\w.'-]+ ){0,4}?(?:media|television|tv|news\w*|agency|broadcasters?|radio|press|channels?|"
    r"outlets?|"
    r"xinhua|irna|tass|propaganda|hackers?|paper|rt\b|interference|global times|daily))",
    "SPONSORED": r"(?:(?:backed|funded|financed|bankrolled|sponsored|armed|trained|supported|controlled|created|"
    r"equipped|"
    r"aided|paid)(?:,? (?:and )?(?:backed|funded|financed|sponsored|armed|trained|supported|controlled|equipped))* by|"
    r"(?:affiliated|aligned|connected|linked|tied|allied|associated) (?:with|to)|with (?:ties|links|connections) to)",
    # names in the text as it is; one of their words must be a power's; `U.S.` may end one, a full stop not
    "NAME_WORD": r"(?:U\.S\.|[A-Z]\. |[A-Z][\w’'-]*\w)",
    "NAME_HEAD": r"(?:(?:the|billionaires?|[a-z]+ian|investor|donor|magnate|militant group|government of) )*",
    "NAME_POWER": r"(?:U\.S\.(?! [Cc]hamber| taxpayers)|U\.?K\b|United States|America|Washington|Russian?s?|Moscow|"
    r"Kremlin|Putin|Soviet Union|Iran(?:ian)?|Tehran|Saudis?|Riyadh|Israeli?|Zionist|Chinese|China|Beijing|Turkey|"
    r"Qatar|"
    r"Egypt|Syria|Assad|Ukrain\w+|Britain|France|NATO|West|[Aa]l[- ][Qq]a(?:eda|ida)|ISIS|Islamic State|Islamist|Daesh|"
    r"Hamas|Hezbollah|Taliban|Muslim Brotherhood|PKK|IRGC|Kurdish|Houthis?|CIA|Koch\w*|Soros|Bloomberg|Steyer|Adelson|"
    r"Mercer|Saddam|Haqqani|Palestinian)(?!\w)",
    "NAME_TAIL": r"(?: (?:government|intelligence(?: officials| services)?|network|brothers|oligarchs?|regime|"
    r"royal court|"
    r"insurgents|militant groups?|militants|officials|separatists|forces?|rebels?|agents?|troops|billionaires?|hackers|"
    r"allies|state|arm|authorities))*",
    "NAME": "@NAME_HEAD(?:@NAME_WORD[ -]?){0,3}?@NAME_POWER(?:['’]s(?= [A-Za-z]))?"
    "(?:[ -](?:of (?:the )?|in the )?@NAME_WORD)*@NAME_TAIL",
}
