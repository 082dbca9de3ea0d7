"""Texts that try to run as code, to leave their place, or to look like something else."""

ATTACKS = [
    "<script>window.hacked = true</script>",
    "</script><script>window.hacked = true</script>",
    "</style><img src=x onerror=window.hacked=true>",
    '<img src=x onerror="window.hacked = true">',
    '<svg onload=window.hacked=true><a xlink:href="javascript:window.hacked=true">so-called</a></svg>',
    '"><b onmouseover=window.hacked=true onfocus=window.hacked=true autofocus tabindex=1>',
    "' onmouseover='window.hacked=true' x='",
    '<a href="javascript:window.hacked=true">the so-called truce</a>',
    '<iframe srcdoc="<script>parent.hacked=true</script>"></iframe>',
    '<base href="http://evil.example/"><link rel=stylesheet href=//evil.example/x.css>',
    '<meta http-equiv=refresh content="0;url=javascript:window.hacked=true">',
    "<form action=//evil.example><button>Find cues</button></form>",
    "{{ 7 * 7 }}${7*7}<%= 7 * 7 %>{% raw %}#{7*7}",
    "javascript:window.hacked=true",
    "data:text/html,<script>window.hacked=true</script>",
    "&lt;script&gt;window.hacked=true&lt;/script&gt;",
    "the \u202eso-called\u202c truce \u2066of\u2069 \u200fthe regime",
    "a\u0000b\u0007c\u001b[31mred\u009b31m",
    "<!--><script>window.hacked=true</script>-->",
    "]]><![CDATA[<script>window.hacked=true</script>",
    "\uff1cscript\uff1ewindow.hacked=true\uff1c/script\uff1e",
    "'; DROP TABLE articles; --",
    "' OR 1=1 --",
    "../../../etc/passwd",
]
CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u001b\u0000\u0007"
