"""The tables of the lexicon: patterns of the cue types, and the clues that tell scare quotes from reported words.

Word lists come from the codebook and from reading the training part of the cue corpus. Scores are precisions measured
on that part (strict matches of the rule group over all its matches), rounded to 0.05.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from framing.voice import REPORTING


class Rule(NamedTuple):
    """One group of patterns.

    Attributes:
        label: the cue type.
        score: share of the rule's spans that are right on the training part.
        gates: lower-case strings; the pattern is tried only on a text that holds one of them (this is what is fast).
        pattern: its group `cue`, or all of the match where it has none, is the span.
        cased: match the text as it is; else a copy in lower case with straight apostrophes.
    """

    label: str
    score: float
    gates: tuple[str, ...]
    pattern: re.Pattern[str]
    cased: bool = False


def _rule(label: str, score: float, gates: str, pattern: str, *, cased: bool = False) -> Rule:
    return Rule(label, score, tuple(gates.split("|")), re.compile(pattern), cased)


def _any(words: str) -> str:
    """Join words that stand in a table, separated by white space (`_` for a blank inside one), to an alternation."""
    return "(?:" + "|".join(sorted((word.replace("_", " ") for word in words.split()), key=len, reverse=True)) + ")"


def _not_after(words: str) -> str:
    """Refuse a match right after one of the words; `re` wants each look-behind of one width."""
    return "".join(f"(?<!{word.replace('_', ' ')} )" for word in words.split())


# --- pretext -------------------------------------------------------------------------------------------------------
_OPENS: Final = r"(?: (?:to(?! not)|for|that|of)\b)"  # what opens the reason belongs to the span
_FALSE: Final = _any(
    "false various different new flimsy baseless absurd other one thin mere flimsiest_of this its political trumped_up"
)
PRETEXT: Final = (
    _rule(
        "pretext",
        0.9,
        "pretext",
        r"\b(?<!under any )(?<!under no )(?:(?:under|on|at|with|as) (?:(?:the|a|an|some|any) )?(?:(?:"
        + _FALSE
        + r") )*"
        r"(?:or another )?)?pretext(?:s|ual|ually)?\b(?: or another)?" + _OPENS + "?",
    ),
    _rule(
        "pretext",
        0.9,
        "guise|cover|banner of",
        r"\b(?:under|in|behind) (?:the )?(?:false )?(?:guise|disguise) (?:of|that)\b(?! (?:a|the) (?:set|prince|working|tea)\b)"
        r"|\bunder (?:the )?cover of\b(?! (?:dark|night|fog|the night|anonym|umbrella|fighter|a ))"
        r"|\bas (?:a )?cover (?:for|to)\b|\b(?:thin )?guise (?:of(?= \w+ing\b)|for\b)",
    ),
    _rule(
        "pretext",
        0.75,
        "smokescreen|smoke screen|fig leaf|fig-leaf|figleaf|facade|masquerading",
        r"\b(?:as (?:a|an) (?:smoke-?screen|fig[ -]?leaf)\b(?: (?:to|for)\b)?|(?:smoke-?screen|fig[ -]leaf)\b(?: for\b)?)|\bas a facade\b"
        r"|\bmasquerading as\b",
    ),
    _rule(
        "pretext",
        0.85,
        "excuse",
        r"\bas (?:an )?excuse(?: (?:to|for)\b)?(?= ?[^.?!])|\bas an excuse\b"
        r"|(?<!never an )(?<!not an )(?<!no )\b(?:(?<=an )|(?<=the )|(?<=another )|(?<=convenient ))excuse (?:to|for)\b",
    ),
    _rule(
        "pretext",
        0.9,
        "ostensibl|supposedly|purportedly",
        r"\bostensibly(?= (?:to|for)\b(?! be\b))|\b(?:supposedly|purportedly),? to\b(?! be\b)"
        r"|\bostensibl(?:y(?=,? (?:(?:called|created|set up|there|done|sent|established|passed|released) to\b|because|in (?:order|the name|response|support)|over|aimed|meant|intended|designed|"
        r"seeking|on (?:grounds|the)|as (?:a|part)|due|about)\b)"
        r"|e(?= (?:reasons?|purpose|goal|aim|justification|motive|rationale|cause|explanation|mission|excuse|reasoning|motivation|hope|basis|grounds?|target|concern)))",
    ),
    _rule(
        "pretext",
        0.45,
        "in the name of",
        r"\b(?:(?<=all )|(?<=, )|(?<=supposedly )|(?<=ostensibly )|(?<=done )|(?<=[.] )|(?<=justified ))in the name of\b"
        r"(?! (?:god|allah|jesus|islam|religion|his|her|my|the|peace|justice|all|those|survival)\b)"
        r"|\bin the name of(?= (?:[\"“‘']|(?:national |public )?(?:security|safety|health)\b|freedom|diversity|tolerance|efficiency|"
        r"religious|democracy|human|equality|free speech|political correctness|progress|patriotism))",
    ),
    _rule("pretext", 0.9, "false flag|false-flag", r"\bfalse[ -]flags?\b"),
    _rule(
        "pretext",
        0.85,
        "veiled",
        r"\b(?:thinly|barely)[ -]veiled(?= (?:attempt|effort|excuse|pretext|message|ploy|bid|cover|disguise|campaign|"
        r"way|push|ban|plan|muslim|racis|plea|call|appeal|bigot|anti|argument|attack on)\w*)",
    ),
)

# --- distancing ----------------------------------------------------------------------------------------------------
_CALLS: Final = _any(
    "call calls called describe describes described describes_as term terms termed deem deems deemed label labels "
    "labeled labelled characterize characterizes characterized dubs dubbed claim claims claimed considers"
)
_NO_CLAIM: Final = (
    r"(?: (?:a |the |full |sole |no |any |all |its |his |her |their )?(?:responsib|victor|victim|benefit|insurance|lives|credit|the "
    r"(?:lives?|life|title|right|top|crown|presidency|nomination|mantle|throne)|asylum|damage|vindication|ownership|"
    r"territor|land\b|seat|prize|title|majority|success|support|refugee|status|unemployment|privilege|executive|"
    r"jobless|minority|political|a first|an? (?:interest|spot|seat|win|stake|mandate|share)|sovereignty)"
    r"|s? (?:to fame|of responsib|for (?:unemployment|jobless|damages|benefits|insurance|asylum)))"
)
DISTANCING: Final = (
    _rule(
        "distancing",
        0.95,
        "so-called|so called|self-|alleg|purport|baseless|unfounded|unverified|unsubstantiated|uncorroborated",
        r"\bso[- ]called\b|\bself-(?:styled|proclaimed|declared|described|professed)\b"
        r"|\b(?:alleged|allegedly|allegations?|alleges?|alleging|reputed|baseless|baselessly|unfounded|groundless|"
        r"unverified|unsubstantiated|uncorroborated|unsupported(?= (?:claim|alleg|assertion|accus)))\b"
        r"|\b(?:purported|purportedly|purports?|purporting)\b(?!,? to (?!be\b|show|have|describe|contain|prove|depict|speak|represent))",
    ),
    _rule(
        "distancing",
        0.85,
        "suppos|ostensibl|unproven|would-be",
        r"\bsupposedly\b(?!,? to (?!be\b|have\b))|\bsupposed\b(?! to\b)|\bostensible\b|\bostensibly\b|\bunproven\b"
        r"|\bwould-be(?= (?:assassin|attack|bomber|terror|kill|hijack|jihad|shooter|plotter|murder|thie|robber|authorit|"
        r"dictator|reform|coup|rapist|burglar|savior|saviour|tyrant|autocrat|revolution|gunm|suicide|intrud))",
    ),
    _rule(
        "distancing",
        0.75,
        "claim",
        _not_after(
            "insurance land jobless benefit benefits unemployment medical court immunity legal prosecution' asylum immediate "
            "health initial damages disability attack to_claim"
        )
        + r"\bclaim(?:s|ed|ing)?\b(?!"
        + _NO_CLAIM
        + r")(?!-)(?! by (?:the )?(?:is|isis|isil|"
        r"islamic)\b)(?! (?:\d|more than|at least|nearly|hundreds|thousands|dozens|another))",
    ),
    _rule(
        "distancing",
        0.7,
        "what |something they call",
        r"\bwhat (?:(?:[\w.'-]+ ){1,5}?)(?:(?:has|have|had) )?" + _CALLS + r"(?: as| to be| was| were| is| are)?\b"
        r"(?! (?:for|on|in|him|her|me|you|us|into)\b)"
        r"|\bwhat (?:he|she|it|they|i|officials|police|prosecutors|critics|[a-z]+) (?:says?|said|sees?|saw|views?|viewed|believes?|"
        r"believed|perceives?|alleged) (?:as|is|was|are|were)\b",
    ),
    _rule(
        "distancing",
        0.9,
        "evidence|debunked|unconfirmed|nominally",
        r"\bwithout (?:(?:providing|citing|offering|presenting|giving|any|showing) )*(?:(?:any|specific|credible|clear|"
        r"supporting) )*(?:evidence|proof)\b(?! of\b)|\bunconfirmed\b(?= (?:claim|report|alleg))|\bnominally\b",
    ),
)

# --- terrorist_designation -----------------------------------------------------------------------------------------
_ACTORS: Final = _any(
    "isis isil is daesh islamic_state hamas hezbollah taliban al-qaeda al_qaeda al-qaida al_qaida qaeda boko_haram haqqani mek mko pkk "
    "al-shabab al-shabaab al-nusra nusra antifa kkk daesh_(isil) isis/isil islamic_jihad aum_shinrikyo ira"
)
_CLASS: Final = _any(
    "radical islamic islamist muslim violent domestic foreign international global takfiri jihadist extremist sunni "
    "right-wing left-wing far-right far-left far_right far_left rightwing leftwing alt-right neo-nazi white_supremacist "
    "white_nationalist supremacist religious environmental economic political medical ideological state-sponsored "
    "narco eco cyber racist islamofascist homegrown anti-government designated proscribed outlawed banned lone-wolf state "
    "u.s.-designated un-designated internationally_designated internationally-designated specially_designated armed "
    "transnational christian jewish hindu terrorist nuclear police governmental racially_motivated anti-equality militant"
)
_LEAD: Final = r"(?:(?:" + _ACTORS + "|" + _CLASS + r")[ -])*"
_HEADS: Final = (
    _any(
        "group organi[sz]ation attack act network cell plot suspect leader organisation entity entities outfit faction "
        "fighter militant operative recruiter element force army armies bombing incident strike operation threat enclave "
        "activity activities movement state regime cult gang militia sympathizer supporter camp target band murder "
        "commander agent settler insurgent party parties ideologue preacher cleric hit tie link affiliation connection "
        "act infrastructure violence financing presence tactic involvement nature squad base tunnel propagandist "
        "killer individual bomber action assault crime member mastermind team stronghold hideout front warlord thug "
        "couple proxy proxies aim atrocity atrocities massacre organizations operations project_manager plan plotting "
        "rebel rebels faction campaign ring blast event"
    )
    + "s?"
)
# A word of the page that follows an adjective but is no head of its phrase, or that makes a topic of it.
_NOT_HEAD: Final = (
    r"(?:that|with|from|when|while|where|have|were|will|would|could|should|been|because|after|before|than|then|this|they|into|over|more|"
    r"most|also|watch|screening|content|propaganda|list|list\w*|ideolog\w*|views?\b|viewpoints?|politics|positions?|rhetoric|who|which|islamist|whose|"
    r"during|until|against|about|under|within|like|even|just|only|says|said|being|islamic|such|recruitment|financing|material\w*|nationalism|"
    r"\w+(?:ed|ly)\b|threat\b|risk\b|legislation|definition|label\b|might|must|does|those|their|there|what|each|once|since|though)"
)
_MIDDLE: Final = r"(?:(?:insurgent|militant|separatist|rebel|islamist|and extremist|or extremist|and terrorist|political|armed|israeli|jewish|and insurgent) )*"
_GROUPS: Final = r"(?:terrorist|terror|extremist|jihadist|jihadi)"
_LISTED: Final = (
    r"(?:re-?)?(?:designat(?:ed|es?|ing|ion of)|blacklist(?:ed|ing)|proscrib(?:ed|es?|ing)|outlaw(?:ed|s|ing)|"
    r"classif(?:ied|ies|y|ying)|listed|label(?:l?ed|s|l?ing)?|brand(?:ed|ing)|recogni[sz]ed|banned)"
)
_TARGET: Final = r"(?:(?:[\w.'’-]+ ){0,5}?)"
_THING: Final = (
    r"[\"“‘']?(?:(?:specially designated|foreign|global|domestic|international|designated|islamic) ){0,2}(?:state sponsors? of terror(?:ism)?|"
    r"(?:global )?(?:terrorist|terror|extremist)s?(?: (?:group|organi[sz]ation|entit(?:y|ie)|state|outfit|movement|attack|act)s?)?)\b(?:(?<=\w)[”’\"])?"
)
_DECOYS: Final = (
    r"(?! (?:watch|screening|index|act of \d|task|list|studies|expert|analyst|scholar|charge|investigat|financing act))"
)
TERRORIST: Final = (
    _rule(
        "terrorist_designation",
        0.7,
        "designat|blacklist|proscrib|outlaw|classif|listed|label|brand|recogni|banned",
        r"\b"
        + _LISTED
        + " "
        + _TARGET
        + r"(?:as |to be )?(?:(?:a|an) )?"
        + _THING
        + r"|\bdesignation as (?:a )?"
        + _THING
        + r"|\b(?:terrorist|fto|terrorism) designations?\b",
    ),
    _rule(
        "terrorist_designation",
        0.65,
        "outlawed in|banned in|banned by|outlawed by",
        r"\b"
        + _LEAD
        + _GROUPS
        + r" (?:group|organi[sz]ation)s?,? (?:which is )?\(?(?:banned|outlawed|proscribed|prohibited) in "
        r"(?:the )?[a-z]+(?: federation)?\b|(?<=\()(?:a (?:terrorist|extremist) (?:group|organi[sz]ation) )?(?:banned|outlawed|"
        r"proscribed) in (?:the )?[a-z]+(?: federation)?\b",
    ),
    _rule(
        "terrorist_designation",
        0.65,
        "terror|sponsor",
        r"\b(?:list of (?:designated )?(?:state sponsors of terror(?:ism)?|(?:foreign )?terrorist organi[sz]ations)"
        r"|(?:leading |chief )?(?:state )?(?:sponsor(?:s|ship)?|exporters?|supporters?|enablers?|incidents?|cesspool|hotbeds?) of "
        + _LEAD
        + r"terror(?:ism)?|acts? of (?:\"?)"
        + _LEAD
        + r"terror(?:ism)?(?: and terror(?:ism)?)?|(?:campaign|forces?) of terror(?:ism)?"
        r"|(?:(?:state )?support for|sponsorship of|financing of) terror(?:ism)?)\b" + _DECOYS,
    ),
    _rule(
        "terrorist_designation",
        0.8,
        "terrorist|extremist|jihadi",
        r"(?<!anti-)(?<!counter-)(?<!anti)(?<!counter)\b" + _LEAD + r"(?:(?:narco|eco|bio|cyber)-)?"
        r"(?:(?:terrorist|extremist|jihadist|jihadi)(?: and (?:terrorist|extremist)| and [a-z-]+(?= (?:groups|organi[sz]ations)))?(?: "
        + _MIDDLE
        + r"(?:"
        + _HEADS
        + r"|(?!"
        + _NOT_HEAD
        + r")[a-z]{4,}))\b"
        r"|terrorists|extremists|jihadists|jihadis|terrorist(?! watch| screening|-related| content| propaganda| list| no)"
        r"|jihadist(?! ideology)|extremist(?! ideolog| content| propaganda| views| viewpoint| politics| positions| rhetoric| islamist))\b(?!-)",
    ),
    _rule(
        "terrorist_designation",
        0.75,
        "terror",
        r"(?<!counter-)(?<!anti-)(?<!counter)(?<!war on )\b" + _LEAD + r"terror(?:ism)? (?:and extremist )?"
        r"(?:groups?|attacks?|networks?|cells?|plots?|suspects?|organi[sz]ations?|outfits?|targets?|leaders?|acts|ties|state|states|"
        r"army|detainees?|mastermind|strikes?|campaign|regime|activit(?:y|ies)|operatives?|sponsors?|camps?|tunnels?|incidents?|infrastructure)\b",
    ),
    _rule(
        "terrorist_designation",
        0.55,
        "terrorism",
        r"(?<!counter-)(?<!anti-)\b(?:(?<=of )|(?<=accused )|(?<!about ))(?:domestic|economic|state|medical|police|political|nuclear-free|"
        r"environmental|jihadist|psychological|governmental|intellectual|judicial|media|isis|daesh|ideological) terrorism\b"
        r"(?! (?:task|act|law|charge|statute|expert|analyst|unit|index|threat|case))"
        r"|(?:(?<=accused of )|(?<=accuses of )|(?<=convicted of )|(?<=guilty of )|(?<=sponsoring )|(?<=supporting )|(?<=funding )|"
        r"(?<=exporting )|(?<=supports )|(?<=sponsors )|(?<=financing )|(?<=committed )|(?<=this is )|(?<=was )|(?<=as )|(?<=promoting )|"
        r"(?<=call it )|(?<=pure )|(?<=aiding )|(?<=exports )|(?<=links to )|(?<=suspected ))terrorism\b"
        r"(?! (?:and|or|task|act|law|charge|statute|expert|analyst|unit|index|threat|case))",
    ),
)

# --- group_label ---------------------------------------------------------------------------------------------------
_SIDE: Final = (
    r"(?:(?:islamist|radical islamic|islamic|radical|leftist|left-wing|far-left|right-wing|far-right|conservative|liberal|"
    r"communist|socialist|marxist|fascist|street|union|immigration|policy|foreign policy|sunni|shiite|militant|catholic|"
    r"white|social-justice|eco-|anti-government|armed|foreign|zionist|puppet|neo-nazi|gun-toting) ?)*"
)
_MOB: Final = _any(
    "angry lynch lynching internet twitter online left-wing leftist far-left liberal woke right-wing racist violent raging rage digital "
    "outrage antifa democrat social_media liberal_media unruly pitchfork radical"
)
_ELITE: Final = _any(
    "political media liberal global washington hollywood coastal corporate cultural economic fascist governing ruling "
    "educated business progressive power d.c. metropolitan urban globalist beltway financial left-wing wealthy western "
    "and academic intellectual"
)
_BAND: Final = _any(
    "group groups organization organizations leader leaders faction factions force forces movement movements cell cells fighters "
    "wing organisation organisations army network networks commander commanders"
)
GROUP: Final = (
    _rule(
        "group_label",
        0.8,
        "regime",
        _not_after(
            "sanctions sanction tax visa legal trade testing nonproliferation proliferation regulatory inspection inspections "
            "peace treaty verification"
        )
        + r"\b(?:(?:zionist|communist|radical|islamist|islamic|military|occupation|occupying|fascist|apartheid|puppet|theocratic|"
        r"totalitarian|authoritarian|autocratic|dictatorial|rogue|marxist) )*regimes?\b(?! (?:change|of (?:sanction|tax|inspect)))",
    ),
    _rule(
        "group_label",
        0.85,
        "militant|insurgent|thug|hardliner|hard-liner|radicals",
        r"\b" + _SIDE + r"(?:militants|insurgents|thugs?|hard-?liners?|radicals)\b"
        r"|\b(?:islamist |islamic |radical |sunni |shiite )*(?:militant|insurgent)(?: (?:islamist|islamic|palestinian|shiite|sunni|kurdish))*"
        r" " + _BAND + r"\b|\b(?:islamist |islamic |leftist )?militant\b(?! (?:normal|vegan|atheis|group))",
    ),
    _rule(
        "group_label",
        0.95,
        "illegal",
        r"\billegal[- ](?:(?:mexican|alien|immigrant|criminal|foreign) )?(?:immigrants?|aliens?|migrants?|workers)(?! (?:labor|detention|status))\b"
        r"(?: (?:children|invaders|kids|families))?|\billegals\b|\bunlawful immigrants\b",
    ),
    _rule(
        "group_label",
        0.75,
        "white supremac|white nationalis|neo-nazi|white-supremac",
        r"\bwhite[- ](?:supremacist|nationalist)(?:s\b|(?: " + _BAND + r"| advisers?)\b)",
    ),
    _rule(
        "group_label",
        0.65,
        "elite",
        r"\b(?:"
        + _ELITE
        + r" )*(?:"
        + _ELITE
        + r" elites?|(?<!party )(?<!gop )(?<!republican )(?<!democratic )elites|elite(?: media| establishment))\b",
    ),
    _rule(
        "group_label",
        0.6,
        "mob",
        r"\b(?:"
        + _MOB
        + r" )+mobs?\b|(?<!flash )(?<!the italian )\bmobs?\b(?! (?:boss|rule|action|justice|mentality|ties|figure|family|violence|hit))",
    ),
    _rule(
        "group_label",
        0.7,
        "radical",
        r"\bradical (?:left(?:ists?|ies|-wing)?(?: (?:mob|democrats?|activists))?|islamists?|muslims?|fringe|clerics?|preacher|sunni groups|"
        r"groups|leftist (?:mob|groups)|right|regime|democrats|liberals?|socialists?|activists|environmentalists|elements?)\b(?! (?:terror|jihad|extremis))",
    ),
    _rule(
        "group_label",
        0.8,
        "cronies|strongm|warlord|mercenar|junta|dictator|despot|tyrant|autocrat|oligarch|traitor|zionist|"
        "puppet|plutocrat|henchm|mullah|usurper|turncoat|quisling|fascists|lapdog|warmonger|anarchists",
        r"\b(?:cronies|strong(?:man|men)|warlords?|mercenar(?:y|ies)|(?:military |marxist )?junta|dictators?|dictatorship|despots?|tyrants?|"
        r"autocrats?|oligarchs?|traitors?|zionists|zionist (?:entity|circles|occupiers|enemy)|puppet (?:government|regime|state|leader|ruler)s?|plutocrats?|"
        r"henchm[ae]n|mullahs|usurpers?|turncoats?|quislings?|warmongers?|lapdogs?|fascists|anarchists)\b",
    ),
    _rule(
        "group_label",
        0.6,
        "invaders|occupiers|occupation |occupying|globalist|cultish|cult|hate group|rioters|agitators|"
        "hardline|hard-line|deep state|islamists|social-justice|social justice|theocracy|apologists|enablers|ideologues|goon|"
        "propagandists|crusaders|authoritarians|obstructionists|stooge|scum|far-left",
        r"\b(?:(?:foreign )?invaders|occupiers|occupation (?:forces|regime|army)|occupying (?:regime|forces?|power)|globalists|death cult|"
        r"cult(?! of| classic| following| favorite| figure| film)|hate groups?|rioters|(?:outside )?agitators|islamists|deep state(?! coup)|"
        r"social[- ]justice warriors?|theocracy|apologists|enablers|ideologues|goons?|propagandists|crusaders|authoritarians|"
        r"obstructionists|stooges?|scum|far-left (?:mob|radicals|anarchists|activists|militants?|extremists(?=x)))\b",
    ),
    _rule(
        "group_label",
        0.65,
        "resistance|martyr|freedom fighter|liberators|moderate rebel|pro-democracy|takfiri|axis of",
        r"\baxis of (?:resistance|evil)\b|(?<!drug )(?<!antibiotic )\bresistance (?:movements?|fronts?|forces|groups?|fighters|axis|factions?)\b"
        r"|\bmartyrs?\b(?! day)|\bfreedom fighters?\b|\bliberators\b|\bmoderate (?:syrian )?rebels?\b"
        r"|\bpro-democracy (?:activists?|protesters?|demonstrators?|movement)\b|\btakfiri groups?\b",
    ),
    _rule(
        "group_label",
        0.6,
        "patriot",
        r"(?<!england )(?<!\. )(?<!the p)\bpatriots?\b(?! (?:act|missile|prayer|batter|front|game|quarterback|air|system|coach))",
        cased=True,
    ),
)

# --- sponsor_label -------------------------------------------------------------------------------------------------
_POWER: Final = _any(
    "u.s. us usa united_states american america washington russian russia russians moscow kremlin putin soviet soviet_union iranian iran tehran saudi "
    "saudis saudi_arabia riyadh israeli israel zionist chinese china beijing turkish turkey ankara qatari qatar doha uae emirati "
    "egyptian egypt syrian syria assad ukrainian uk british britain french nato western west un u.n. eu al-qaeda al_qaeda qaeda "
    "al-qaida al_qaida qaida isis isil islamic_state daesh hamas hezbollah taliban muslim_brotherhood brotherhood pkk "
    "irgc houthi cia koch kochs soros george_soros bloomberg steyer adelson mercer shiite sunni kurdish palestinian foreign haftar nra "
    "tea_party islamist north_korean north_korea north_korea's pakistani gulf arab african_union rwandan cuban venezuelan"
)
_NOT_POWER: Final = (
    r"(?!(?:republican|democratic|democrat|gop|house|senate|well|self|employer|taxpayer|student|black|non|long|facebook|google|amazon|race|"
    r"market|under|over|federally|publicly|privately|fully|family|women|woman|minority|government|state|white|labor|union|party|police|"
    r"bank|company|veteran|jointly|newly|nuclear|ill|department|pentagon|federal|nations|church|military|army|close|loosely|closely|"
    r"better|dis|un|re|best|cross|hand|home|science|peer|fact|doctor|crowd|debt|asset|mortgage|gold|industry|court|committee|parent|"
    r"internationally|politically|inter|cancer|gang|drug|heavily|then|afghan|community|trump|clinton|obama|bipartisan|stimulus|israeli|investor|"
    r"venture|locally|city|county|school|lawfully|right|constitutionally|administration|donor|corporate)-)"
)
_MEDIUM: Final = (
    r"(?= (?:[\w.'-]+ ){0,4}?(?:media|television|tv|news\w*|agency|broadcasters?|radio|press|channels?|outlets?|xinhua|irna|tass|"
    r"propaganda|hackers?|paper|rt\b|interference|global times|daily))"
)
_PARTICIPLE: Final = (
    r"(?:(?:backed|funded|financed|bankrolled|sponsored|armed|trained|supported|controlled|created|equipped|aided|paid)"
    r"(?:,? (?:and )?(?:backed|funded|financed|sponsored|armed|trained|supported|controlled|equipped))* by|"
    r"(?:affiliated|aligned|connected|linked|tied|allied|associated) (?:with|to)|with (?:ties|links|connections) to)"
)
# Names are matched in the text as it is, and one of their words must be a power's; `U.S.` may end one, a full stop not.
_NAME_WORD: Final = r"(?:U\.S\.|[A-Z]\. |[A-Z][\w’'-]*\w)"
_POWER_NAME: Final = (
    r"(?:(?:the|billionaires?|[a-z]+ian|investor|donor|magnate|militant group|government of) )*(?:(?:"
    + _NAME_WORD
    + r"[ -]?){0,3}?)(?:U\.S\.(?! [Cc]hamber| taxpayers| gov)|U\.?K\b|"
    r"United States|America|Washington|Russian?s?|Moscow|(?:the )?Kremlin|Putin|Soviet Union|Iran(?:ian)?|Tehran|Saudis?|Riyadh|Israel|Zionist|"
    r"Chinese|China|Beijing|Turkey|Qatar|Egypt|Syria|Assad|Ukrain\w+|Britain|France|NATO|West|[Aa]l[- ][Qq]a(?:eda|ida)|ISIS|Islamic State|"
    r"Islamist|Daesh|Hamas|Hezbollah|Taliban|Muslim Brotherhood|PKK|IRGC|Kurdish|Houthis?|CIA|Koch\w*|Soros|Bloomberg|Steyer|Adelson|Mercer|Saddam\b|"
    r"Haqqani|Palestinian)(?:['’]s)?(?:[ -](?:of (?:the )?|in the )?" + _NAME_WORD + r")*"
    r"(?: (?:government|intelligence(?: officials| services)?|network|brothers|oligarchs?|regime|royal court|insurgents|militant groups?|militants|officials|separatists))*"
)
SPONSOR: Final = (
    _rule(
        "sponsor_label",
        0.9,
        "-backed|-aligned|-funded|-linked|-sponsored|-supported|-affiliated|-financed|-controlled|-run|-trained|-dominated|-installed|-created|-allied",
        r"(?<![\w.-])"
        + _NOT_POWER
        + r"(?:(?:al|tea|muslim|islamic|jeb|koch|north|united|qods|club for|bernie|hindu|anti)[ -])?[\w.']+-(?:backed|aligned|funded|linked|"
        r"sponsored|supported|affiliated|financed|controlled|run|trained|installed|created|allied|dominated)\b",
    ),
    _rule(
        "sponsor_label",
        0.9,
        "-led|-owned",
        r"(?<![\w.-])(?:al[- ])?" + _POWER + r"-(?:led|owned)\b",
    ),
    _rule(
        "sponsor_label",
        0.9,
        "state-|government-",
        r"\b(?:state-(?:run|owned|controlled|funded|sponsored|backed|affiliated|aligned)|government-(?:run|controlled))\b"
        + _MEDIUM,
    ),
    _rule(
        "sponsor_label",
        0.8,
        "pro-",
        r"(?<!anti-)\bpro-(?:russian?|kremlin|western|beijing|moscow|iranian|iran|tehran|putin|assad|saudi|turkish|pyongyang|"
        r"u\.s\.|american|china|chinese|israel(?= (?:lobby|lobbying|group|organi|political|forces|donor|pac|advocacy)))(?![\w-])(?! (?:tilt|rall|polic|sentiment|stance|position|view|lobby group))",
    ),
    _rule(
        "sponsor_label",
        0.75,
        "prox|puppet",
        r"(?<!as )(?<!rough )\b(?:"
        + _POWER
        + r"(?:'s)? )?prox(?:ies\b(?! for)|y\b(?= (?:of|in|groups?|forces?|militias?|armies|army|fighters|actors)\b))"
        r"|\b"
        + _POWER
        + r"(?:'s)? prox(?:y|ies)\b|\b"
        + _POWER
        + r" puppets?\b|\b(?:puppet|agent|asset|tool)s? of (?:the )?"
        + _POWER
        + r"\b",
    ),
    _rule(
        "sponsor_label",
        0.45,
        "ed by|ed with|ed to|ties to|links to|connections to|paid by",
        r"\b" + _PARTICIPLE + " " + _POWER_NAME + "(?:(?:,| and|, and) " + _POWER_NAME + ")*",
        cased=True,
    ),
)

RULES: Final = PRETEXT + DISTANCING + TERRORIST + GROUP + SPONSOR
