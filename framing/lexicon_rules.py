r"""The tables of the lexicon: word lists and patterns of the five cue types that words give away.

How to read a table of rules: a line `0.9 pretext|guise` opens a rule, with its score and its gates; the indented lines
below it are the parts of one regular expression, joined without a blank. `@NAME` stands for the word list of that name.
Patterns are tried on the text in lower case with straight apostrophes, those of a rule that ends in `cased` on the text
itself. Where look-behinds open a pattern, `\b` or a look-ahead stands before them, since that fails fast.

Rules come from the codebook and from reading the training part of the cue corpus; scores are precisions measured on it
(strictly right spans over all spans of the rule), rounded to 0.05, at most 0.95. A wording with another precision than
its neighbours has a rule of its own, since a model is told the score; of rules that match the same words, the first
counts. Where the words around a cue must be seen, too, the cue is the group of that name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from framing.lexicon_words import LISTS


class Rule(NamedTuple):
    """One pattern of a cue type.

    Attributes:
        label: the cue type.
        score: share of the rule's spans that are right on the training part.
        gates: lower-case strings; the pattern is tried only on a text that holds one of them, which keeps it fast.
        pattern: what it matches, or its group `cue`, is the span.
        cased: match the text as it is; else a copy in lower case with straight apostrophes.
    """

    label: str
    score: float
    gates: tuple[str, ...]
    pattern: re.Pattern[str]
    cased: bool


def filled(pattern: str, lists: Mapping[str, str]) -> str:
    """Put the word lists in the place of their names; a list may name others."""
    while "@" in pattern:
        pattern = re.sub(r"@([A-Z_]+)", lambda match: lists[match.group(1)], pattern)
    return pattern


def entries(table: str) -> list[tuple[str, str]]:
    """Read a table: pairs of a head line and the pattern below it."""
    found: list[tuple[str, str]] = []
    for line in table.strip().splitlines():
        if line[0].isspace():
            head, pattern = found[-1]
            found[-1] = head, pattern + line.strip()
        else:
            found.append((line, ""))
    return found


def _rules(label: str, table: str) -> tuple[Rule, ...]:
    """Read a table of rules."""
    rules = []
    for head, pattern in entries(table):
        score, gates = head.removesuffix(" cased").split(" ", 1)
        compiled = re.compile(filled(pattern, LISTS))
        rules.append(Rule(label, float(score), tuple(gates.split("|")), compiled, head.endswith(" cased")))
    return tuple(rules)


RULES: Final = (
    *_rules(
        "pretext",
        r"""
0.65 as a pretext to|pretexts
    \bas a pretext to\b(?! not)|\bpretexts(?: (?:for|to|of|that)\b)?
0.95 pretext
    \b(?!under (?:any|no) )(?<!under any )(?<!under no )(?:(?:under|on|at|with|as) (?:(?:the|a|an|some) )?(?:@FALSE )*
    (?:or another )?)?pretext(?:s|ual|ually)?\b(?: or another)?@OPENS?
0.95 guise
    \b(?:under|in|behind) (?:the )?(?:false )?(?:guise|disguise) (?:of|that)\b(?! (?:a|the) (?:set|prince|working
    |tea)\b)|\b(?:thin )?guise (?:of(?= \w+ing\b)|for\b)
0.5 under the cover|under cover
    \bunder (?:the )?cover of\b(?! (?:dark|night|fog|the night|anonym|umbrella|fighter|a ))
0.85 cover for|cover to|front for
    \bas (?:a )?cover (?:for|to)\b|\b(?:(?<!\w )|(?<!cold )(?<!warm )(?<!united )(?<!common ))(?:as a )?front for\b
    (?= (?!the first|years|weeks|days|months)\w)
0.7 smokescreen|smoke-screen|fig leaf|fig-leaf|facade
    \bas (?:a|an) (?:smoke-?screen|fig[ -]leaf)\b(?: (?:to|for)\b)?|\b(?:smoke-?screen|fig[ -]leaf)\b(?: (?:to|for)\b)?
    |\bas a facade\b
0.95 excuse
    \b(?:on|with|under|using) (?:the|an?) excuse (?:that|of|to|for)\b
    |\bas (?:an )?excuse(?: (?:to(?! not)|for)\b)?(?= ?[^.?!])|\bas an excuse\b
    |(?<!never an )(?<!not an )\b(?:(?<=an )|(?<=the )|(?<=another )|(?<=convenient ))excuse (?:to|for)\b
0.85 ostensibl|supposedly|purportedly
    \bostensibly(?=,? (?:(?:to|for)\b(?! be\b)|(?:called|set up|there|done|sent|established|passed|trying|hoping
    |wants?) to\b|
    (?:because|in (?:order|the name|response|support)|over|due|about|looking|seek(?:s|ing)?|want(?:s|ed)?|dedicated
    |related|
    on (?:the )?(?:grounds|basis)|as (?:a|part))\b|(?:\w+ )?(?:aimed|meant|intended|designed|created|committed)\b))
    |\b(?:supposedly|purportedly),? to\b(?! be\b)
    |\bostensible(?= (?:reason|purpose|goal|aim|justification|motiv|rationale|cause|explanation|mission|excuse|hope|
    basis|ground|target|concern))
0.5 in the name of
    \b(?:(?<=all )|(?<=, )|(?<=supposedly )|(?<=ostensibly )|(?<=done )|(?<=[.] )|(?<=justified ))in the name of\b
    (?! (?:god|allah|jesus|islam|religion|his|her|my|the|peace|justice|all|those|survival)\b)
    |\bin the name of(?= (?:["“‘']|(?:national |public )?(?:security|safety|health)\b|freedom|diversity|tolerance|
    efficiency|religious|democracy|human|equality|free speech|political correctness|progress|patriotism))
0.95 false flag|false-flag
    \bfalse[ -]flags?\b
0.9 veiled|disguised
    \b(?:thinly|barely)[ -](?:veiled|disguised)(?! (?:references?|criticisms?|critiques?|statements?|allusions?|insults?
    |jabs?|digs?|swipes?|shots?|hints?|threats?|warnings?)\b)
""",
    ),
    *_rules(
        "distancing",
        r"""
0.75 self-described|unfounded|unverif|unsubst|uncorr|unsupported
    \bself-described\b|\b(?:unfounded|unverified|unsubstantiated|uncorroborated|
    unsupported(?= (?:claim|alleg|assertion|accus)))\b
0.95 so-called|so called|self-|alleg|purport|reputed|baseless|groundless|supposed
    \bso[- ]called\b|\bself-(?:styled|proclaimed|declared|professed)\b|\b(?:allege[ds]?|allegedly
    |allegations?|
    alleging|reputed|baseless|baselessly|groundless)\b|\b(?:purported|purportedly|purports?|purporting)\b
    (?!,? to (?!be\b|show|have|describe|contain|prove|depict|speak|represent))
    |\bsupposedly\b(?!,? to (?!be\b|have\b))|\bsupposed\b(?! to\b)
0.75 ostensibl
    \bostensibl[ey]\b
0.55 unproven|would-be
    \bunproven\b|\bwould-be(?= (?:assassin|attack|bomber|terror|kill|hijack|jihad|shooter|plotter|murder|thie|robber
    |authorit|
    dictator|reform|coup|rapist|burglar|savior|saviour|tyrant|autocrat|revolution|gunm|suicide|intrud))
0.95 claim
    \b(?=claim)@NO_CLAIM_BEFOREclaim(?:s|ed|ing)?\b(?= (?:that|to (?:have|be))\b)
0.9 claim
    \b(?=claim)@NO_CLAIM_BEFORE@SAID_ITclaim(?:s|ed|ing)?\b(?!@NO_CLAIM|-| by (?:the )?(?:is|isis|isil|islamic)\b)
    @NO_CLAIM_AMOUNT
0.75 claim
    \b(?=claim)@NO_CLAIM_BEFOREclaim(?:s|ed|ing)?\b(?!@NO_CLAIM|-| by (?:the )?(?:is|isis|isil|islamic)\b)
    @NO_CLAIM_AMOUNT(?! (?:for|against)\b)
0.95 what he|what she|what it|what they
    \bwhat @SPEAKER @CALLS(?: as| to be)?\b(?! (?:for|on|in|him|her|me|you|us|into)\b)
0.5 what
    \bwhat (?!(?:is|are|was|were|do|does|did|to|would|should|could|might|will|i|we|you)\b)
    (?:[\w'-]+ |[a-z]{1,4}\. ){1,5}?
    (?:(?:has|have|had) )?@CALLS(?: as| to be| was| were| is| are)?\b(?! (?:for|on|in|him|her|me|you|us|into)\b)
    |\bwhat [a-z]+ (?:says?|said|sees?|saw|views?|viewed|believes?|believed|perceives?|alleged) (?:as|is|was|are|were)\b
0.85 evidence|proof|unconfirmed|nominally
    \bwithout (?:(?:providing|citing|offering|presenting|giving|any|showing) )*(?:(?:any|specific|credible|clear|
    supporting) )*(?:evidence|proof)\b(?! of\b)|\bunconfirmed\b(?= (?:claim|report|alleg))|\bnominally\b
    |\b(?:with|provid\w+|offer\w+|cit\w+|gave|giving|produced) no (?:\w+ )?(?:evidence|proof)\b
""",
    ),
    *_rules(
        "terrorist_designation",
        r"""
0.85 designat|blacklist|proscrib|outlaw|list|sanctioned|banned
    \b@LISTED@BETWEEN@LISTED_AS|\bdesignation as (?:a )?@LISTED_AS|\b(?:terrorist|fto|terrorism) designations?\b
0.8 classif|label|brand|recogni
    \b@BRANDED(?! information)@BETWEEN@LISTED_AS(?<! terrorist)(?<! terrorists)
0.9 banned|outlawed|proscribed|blacklisted|prohibited|listed|designated
    \b(?:@ACTOR )*(?:terrorist|extremist|terror) (?:group|organi[sz]ation|entit(?:y|ie)|movement|part(?:y|ie))s?,?
    (?: which (?:is|are))?(?: \(| as)? ?@BANNED (?:in|by) @STATES
    |\bproscribed (?:in|by) @STATES
    |(?<=\()(?:an? (?:terrorist|extremist) (?:group|organi[sz]ation) )?@BANNED in @STATES
    |\bwhose activit(?:y|ies) (?:is|are) (?:banned|prohibited|forbidden|outlawed) in @STATES
0.75 banned|outlawed|blacklisted|prohibited
    @OUTLAW(?: |[^.;]{0,60}?(?:, | is | are | was | were ))(?:now |also |since |which (?:is|are) )?
    (?P<cue>(?:banned|outlawed|blacklisted|prohibited) (?:in|by) @STATES)
0.75 outlawed cased
    \b[A-Z][\w’'-]+(?:, | \()(?:now |which is |also )?(?P<cue>outlawed (?:in|by) (?i:@STATES))
0.65 list
    \b(?<!of )(?:terror(?:ist|ism)?|extremis[mt]) (?:black)?lists?\b
0.8 of terror|for terror|sponsor|terrorist org|act of|acts of
    \b(?:list of (?:state sponsors of terror(?:ism)?|(?:foreign )?terrorist (?:organi[sz]ations|groups))
    |(?:chief )?(?:state )?
    (?:sponsor(?:s|ship)?|exporters?|supporters?|enablers?|incidents?|cesspool|hotbeds?) of (?:@ACTOR )*terror(?:ism)?
    |(?:campaign|forces?|wave) of terror(?:ism)?)\b@TOPIC
0.9 act of|acts of
    \bacts? of (?:@ACTOR )*terror(?:ism)?\b
0.95 terrorists|terrorist attack|terrorist group|terrorist act|extremist group|terrorist organi
    \b(?<!anti-)(?<!counter-)(?:@ACTOR[ -])*(?:terrorists|(?:terrorist|extremist) (?:attack|group|act
    |organi[sz]ation)s?)\b(?!-)
0.8 terrorist|extremist|jihadi cased
    (?i:\b(?<!anti-)(?<!counter-)@ANTI(?:@ACTOR[ -])*(?:(?:terrorist|extremist|jihadist|jihadi)
    (?: and [a-z-]+(?= (?:groups|organi[sz]ations)))?(?: @MIDDLE@NO_HEAD(?:(?-i:[a-z]{4,})|(?:attack|group
    |organi[sz]ation|plot|
    cell|threat)s?)|(?: (?:act|hit|tie|aim)s?))\b
    |terrorists|extremists|jihadists|jihadis|terrorist(?! watch| screening|-related| content| propaganda| list| no)
    |jihadist(?! ideology)|extremist(?! ideolog| content| propaganda| view| politics| positions| rhetoric| islamist))
    \b(?!-))
0.95 terror
    \b(?<!counter-)(?<!anti-)(?<!war on )(?:@ACTOR[ -])*terror(?:ism)? (?:and extremist )?(?:group|attack|
    network|cell|plot|suspect|organi[sz]ation|outfit|target|leader|act(?=s)|tie(?=s)|state|army|detainee|mastermind|
    strike|campaign|regime|activity|activitie(?=s)|operative|sponsor|camp|tunnel|incident|infrastructure)s?\b
0.95 economic|medical|political|police|governmental
    \b(?:economic|medical|police|governmental|political) terrorism\b@TOPIC
0.6 terrorism
    \b(?<!counter-)(?<!anti-)(?<!about )(?:domestic|state|environmental|jihadist|
    psychological|judicial|media|isis|daesh|ideological|takfiri) terrorism\b@TOPIC
    |(?=terrorism)(?:(?<=accused of )|(?<=accuses of )|(?<=convicted of )|(?<=guilty of )|(?<=sponsoring )|
    (?<=supporting )|(?<=funding )|(?<=exporting )|(?<=supports )|(?<=sponsors )|(?<=financing )|(?<=committed )|
    (?<=this is )|(?<=promoting )|(?<=call it )|(?<=pure )|(?<=aiding )|(?<=exports )|(?<=suspected )
    |(?<=support for ))terrorism\b
    (?! (?:and|or))@TOPIC
""",
    ),
    *_rules(
        "group_label",
        r"""
0.95 zionist regime
    \bzionist regime\b
0.9 regime
    \b(?=[acfimoprtz])@NO_REGIME_BEFORE(?:(?:zionist|communist|islamist|islamic|military|occupation|occupying|fascist
    |apartheid|
    puppet|theocratic|totalitarian|autocratic|marxist) )*regimes?\b
    (?!["']? ?-?change| of (?:sanction|tax|inspect|restrict|censor))
0.95 regime
    \bregime(?=["']? change["']? (?:in|against) (?:the )?@STATE)
0.95 militants|insurgents|thugs|hardliners|hard-liners|radicals|militant group
    \b@SIDE(?:militants|insurgents|thugs|hard-?liners)\b|\b(?:(?:islamist|islamic|radical|sunni
    |shiite) )*militant groups?\b
0.7 militant|insurgent|thug|hardliner|hard-liner|radicals
    \b@SIDE(?:thug|hard-?liner|radicals)\b|\b(?:(?:islamist|islamic|radical|sunni|shiite) )*
    (?:militant|insurgent)(?: (?:islamist|islamic|palestinian|shiite|sunni|kurdish|separatist|far-left))* @BAND\b
0.5 militant
    \b(?:islamist |islamic |leftist )?militant\b(?: (?:leftists|activists|protesters|opponents|muslims|islamists?)\b)?
    (?! (?:normal|vegan|atheis|group|attack))
0.95 illegal|unlawful
    \billegal[- ](?:(?:mexican|alien|immigrant|criminal|foreign) )?(?:immigrants?|aliens?|migrants?|workers)
    (?: (?:children|invaders|kids|families|parents?|populations?|communit(?:y|ies)|mothers?))?\b|\billegals\b
    |\bunlawful immigrants\b
0.7 white supremac|white nationalis|white-supremac
    \bwhite[- ](?:supremacist|nationalist)(?:s| @BAND| advisers?)\b
0.75 elite
    \b(?!(?:and|academic) )(?:(?:@CHARGED|@ELITE) )*@CHARGED elites?\b|\belite(?: media| establishment)\b
0.55 elite
    \b(?!(?:and|academic) )(?:@ELITE )*(?:@ELITE elites?
    |(?<!party )(?<!party's )(?<!gop )(?<!republican )(?<!democratic )elites)\b
0.7 mob
    \b(?:@MOB )+mobs?\b
0.5 mob
    (?<!flash )(?<!violent )(?<!unruly )(?<!angry )\bmob\b
    (?! (?:boss|rule|action|justice|mentality|ties|figure|family|violence|hit|attacks|lawyer))
0.75 radical
    \bradical (?:left(?:ists?|ies|-wing)?(?: mob)?|islamists?|muslims?|fringe|clerics?|preacher|(?:sunni )?groups|
    regime|liberals?|socialists?|environmentalists|elements?)\b(?! (?:terror|jihad|extremis))
0.8 cronies|strongm|warlord|mercenar|junta|dictator|despot|tyrant|autocrat|oligarch|traitor|zionist|puppet|pluto|henchm
    \b(?:cronies|strong(?:man|men)(?! (?:compet|contest|event|title|champion|show|athlet))|warlords?|mercenaries|
    (?:military |marxist )?junta|dictators?|dictatorship|despots?|
    tyrant|autocrats?|oligarchs?|traitors?|zionists|zionist (?:entity|circles|occupiers|enemy)|plutocrats?|henchm[ae]n|
    puppet (?:government|regime|state|leader|ruler)s?)\b
0.5 deep state|rioters|invaders|apologists|enablers|cult|agitators
    \b(?:(?:foreign )?invaders|rioters|death cult|cult(?! of| classic| following| favorite| figure| film)
    |(?:outside )?agitators|deep state(?! coup)|apologists|enablers)\b
0.75 occup|globalists|hate group|social-just|social just
    \b(?:occupiers|occupation (?:forces|regime|army)|occupying (?:regime|forces|power)|globalists|hate groups?|
    social[- ]justice warriors?)\b
0.85 mullahs|usurper|turncoat|quisling|warmonger|propagandists|crusaders|obstructionists|far-left|rogue state
    \b(?:mullahs|usurpers?|turncoats?|quislings?|warmongers?|propagandists|crusaders|obstructionists|
    far-left (?:mob|radicals|anarchists)|rogue states?)\b
0.6 martyr
    \bmartyrs?\b(?! day)
0.75 resistance|freedom fighter|liberators|moderate |pro-democracy
    \baxis of resistance\b|(?<!drug )\bresistance (?:movement|front|force|group|fighter|axis|faction)s?\b|
    \bfreedom fighters?\b|\bliberators\b|\bmoderate (?:syrian )?rebels?\b|\bpro-democracy (?:activists?|
    protesters?|demonstrators?|movement)\b
0.85 patriots cased
    (?<!england )(?<!\. )\bpatriots\b(?! (?:act|missile|prayer|game|quarterback))
0.55 patriot cased
    (?<!england )(?<!\. )\bpatriot\b(?! (?:act|missile|prayer|game|quarterback))
""",
    ),
    *_rules(
        "sponsor_label",
        r"""
0.9 -backed|-align|-fund|-link|-affil|-run|-allied
    (?<![\w.'-])(?:(?:al|tea|muslim|islamic|north|united|qods)[- ])?@POWER-(?:backed|aligned|funded|linked|affiliated
    |run|allied)\b
0.75 -spons|-supp|-financed|-controlled|-trained|-installed|-created|-domi|-armed
    (?<![\w.'-])(?:(?:al|tea|muslim|islamic|north|united|qods)[- ])?@POWER
    -(?:sponsored|supported|financed|controlled|trained|installed|created|dominated|armed)\b
0.95 -align|-fund|-financed|-affil|-allied
    (?<![\w.'-])@PARTISAN-(?:aligned|allied|funded|financed|affiliated)\b
0.45 -backed|-align|-link|-affil|-installed|-allied
    (?<![\w.'-])@NO_POWER(?:(?:jeb|hindu|club for|bernie)[ -])?[\w.']+
    -(?:backed|aligned|linked|affiliated|installed|allied)\b
0.95 -led
    (?<![\w.'-])(?:al[- ])?@POWER-led\b@BUSINESS
0.6 -owned
    (?<![\w.'-])(?:al[- ])?@POWER-owned\b@MEDIUM
0.95 state-|government-
    \b(?:state-(?:run|owned|controlled|funded|sponsored|backed|affiliated|aligned)|government-(?:run
    |controlled))\b@MEDIUM
0.85 pro-
    (?<!anti-)\bpro-(?:russian?|kremlin|western|beijing|moscow|iranian|iran|tehran|putin|assad|saudi|turkish|pyongyang|
    u\.s\.|american|china|chinese|israel(?= (?:lobby|lobbying|group|organi|political|forces|donor|pac|advocacy)))
    (?![\w-])(?! (?:tilt|rall|polic|sentiment|stance|position|view|lobby group))
0.8 prox|puppet|agent of|agents of|asset of|tool of
    \b(?<!as )(?<!rough )(?:@POWER(?:'s)? )?prox(?:ies\b(?! for)|y\b(?= (?:of|in|groups?|forces?|militias?|armies|army|
    fighters|actors)\b))|\b@POWER(?:'s)? proxy\b|\b@POWER puppets?\b(?! master)|\b(?:puppet|agent|asset
    |tool)s? of (?:the )?@POWER\b
0.65 affiliate|asset|stooge|lackey
    \b(?:al[- ]qa[ei]da|isis|isil|islamic state) affiliates?\b|\b(?:russian|chinese|kremlin|putin|moscow) (?:stooges?
    |assets?|lackeys?)\b
0.5 ed by|ed with|ed to|ties to|links to|connections to|paid by cased
    \b@SPONSORED @NAME(?:(?:,| and|, and) @NAME)*
""",
    ),
)
