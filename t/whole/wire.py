#!/usr/bin/python3
# wire.py LOG: what a debug log (jackline -d) shows of XEP-0198, as it is
# written: each answer to <resume/>, and, behind `wrong: `, where we did not
# keep to it. What is resumed is the stanza that we had got so far; what is
# sent again is what the server says that it has not, all of it, in order.
import re
import sys

TOKEN = re.compile(
    r"<(?:(?P<sm>resume|resumed|failed|enable|enabled|a)\b(?P<attrs>[^>]*)"
    r"|(?P<stanza>message|presence|iq)\b(?P<rest>[^>]*)"
    r"|\?xml[^>]*)>"
)
text = {"<": "", ">": ""}
got = said = 0  # stanzas that came; the last h of ours
kept = []  # ids of what was sent behind <enable/>
base = at = 0  # stanzas before kept; the next to be sent, of kept
on = False  # stanzas are counted: since <enable/> or <resumed/>


def wrong(what):
    print("wrong: " + what)


def managed(way, name, attrs):
    global got, said, kept, base, at, on
    h = re.search(r"\bh='(\d+)'", attrs)
    h = int(h.group(1)) if h else None
    if way + name == ">enable":
        on, kept, base, at = True, [], 0, 0
    elif way + name == "<enabled":
        got = said = 0
    elif way + name in (">a", ">resume"):
        if h > got or h < said:
            wrong("h=%d after %d, where %d had come" % (h, said, got))
        said = h
    elif way + name in ("<a", "<resumed"):
        if base <= h <= base + len(kept):
            kept, at, base = kept[h - base:], at - (h - base), h
        else:
            wrong("the server has %d of %d" % (h, base + len(kept)))
        if name == "resumed":
            on, at, got = True, 0, said
    if way + name in ("<resumed", "<failed"):
        print("<%s%s>" % (name, attrs))


def stanza(way, ident):
    global got, at
    if way == "<":
        got += 1
        return
    if not on:
        return
    if 0 <= at < len(kept) and kept[at] != ident:
        wrong("sent %s instead of %s again" % (ident, kept[at]))
    if at >= len(kept):
        kept.append(ident)
    at += 1


with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
    way = "<"
    for line in log:
        if line[:2] in ("< ", "> "):
            way, line = line[0], line[2:]
        text[way] += line.rstrip("\n")
        end = 0
        for token in TOKEN.finditer(text[way]):
            end = token.end()
            if token["sm"]:
                managed(way, token["sm"], token["attrs"])
            elif token["stanza"]:
                stanza(way, re.search(r"\bid='[^']*'|$", token["rest"])[0])
            elif way == ">":
                on, text["<"] = False, ""
        text[way] = text[way][end:][-4096:]
        sys.stdout.flush()
