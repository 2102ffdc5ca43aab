#!/usr/bin/python3
"""An XMPP client that is not ours, for the tests: python3-slixmpp.

peer.py JID PASSWORD HOST PORT CA reads one JSON object a line,

    {"do": "message", "to": JID, "body": TEXT, "id": ID, "type": "chat",
     "receipt": true}                  type, id, receipt may be missing
    {"do": "presence", "show": "away", "status": TEXT, "priority": 1,
     "type": "subscribe", "to": JID}   all may be missing
    {"do": "receipt", "to": JID, "id": ID}
    {"do": "raw", "xml": TEXT}
    {"do": "roster"}
    {"do": "ping", "to": JID}
    {"do": "quit"}

and prints one for each thing that comes: {"got": "online" | "failed" |
"message" | "receipt" | "presence" | "roster" | "pong" | "offline", ...}. It
answers no receipt and no subscription by itself. The end of input is no quit.
"""
import asyncio
import json
import logging
import sys

import slixmpp
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath


def say(got, **values):
    print(json.dumps({"got": got, **values}), flush=True)


class Peer(slixmpp.ClientXMPP):
    def __init__(self, jid, password, ca):
        super().__init__(jid, password)
        self.ca_certs = ca
        self.auto_authorize = None
        self.auto_subscribe = False
        for xep in ("xep_0030", "xep_0199", "xep_0203"):
            self.register_plugin(xep)
        self.register_plugin(
            "xep_0184", {"auto_ack": False, "auto_request": False})
        # Its own event leaves out what has no body, so most errors.
        self.register_handler(Callback(
            "all", MatchXPath("{jabber:client}message"), self.on_message))
        for name, handler in (
                ("session_start", self.on_start),
                ("receipt_received", self.on_receipt),
                ("presence", self.on_presence),
                ("roster_update", self.on_roster),
                ("failed_auth", lambda _: say("failed", why="auth")),
                ("connection_failed", lambda e: say("failed", why=str(e))),
                ("disconnected", lambda _: say("offline"))):
            self.add_event_handler(name, handler)

    async def on_start(self, _):
        await self.get_roster()
        self.send_presence()
        say("online", jid=self.boundjid.full)

    def on_message(self, stanza):
        if stanza.get_plugin("receipt", check=True):
            return
        delay = stanza.get_plugin("delay", check=True)
        receipt = stanza.get_plugin("request_receipt", check=True)
        # To look at an error makes one.
        kind = stanza["type"]
        condition = stanza["error"]["condition"] if kind == "error" else None
        say("message", **{"from": stanza["from"].full}, to=stanza["to"].full,
            type=kind, id=stanza["id"], body=stanza["body"],
            receipt=receipt is not None,
            stamp=str(delay["stamp"]) if delay else None,
            error=condition)

    def on_receipt(self, stanza):
        say("receipt", **{"from": stanza["from"].full}, id=stanza["receipt"])

    def on_presence(self, stanza):
        say("presence", **{"from": stanza["from"].full},
            type=stanza["type"], show=stanza["show"],
            status=stanza["status"], priority=stanza["priority"])

    def on_roster(self, stanza):
        say("roster", items={
            str(jid): {"name": item["name"],
                       "subscription": item["subscription"],
                       "groups": sorted(item["groups"])}
            for jid, item in stanza["roster"]["items"].items()})

    def do_message(self, to, body, type="chat", id=None, receipt=False):
        stanza = self.make_message(mto=to, mbody=body, mtype=type)
        stanza["id"] = id or self.new_id()
        if receipt:
            stanza["request_receipt"] = True
        stanza.send()

    def do_presence(self, show=None, status=None, priority=None, type=None,
                    to=None):
        self.send_presence(pshow=show, pstatus=status, ppriority=priority,
                           ptype=type, pto=to)

    def do_receipt(self, to, id):
        stanza = self.make_message(mto=to)
        stanza["receipt"] = id
        stanza.send()

    def do_raw(self, xml):
        self.send_raw(xml)

    async def do_roster(self):
        await self.get_roster()

    async def do_ping(self, to):
        say("pong", seconds=await self.plugin["xep_0199"].ping(to))

    async def do_quit(self):
        await self.disconnect()
        self.loop.stop()

    async def commands(self):
        reader = asyncio.StreamReader(limit=1 << 24)
        await self.loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        async for line in reader:
            values = json.loads(line)
            done = getattr(self, "do_" + values.pop("do"))(**values)
            if done is not None:
                await done


def main(kind=Peer):
    jid, password, host, port, ca = sys.argv[1:]
    logging.basicConfig(level=logging.ERROR)
    peer = kind(jid, password, ca)
    peer.connect((host, int(port)))
    # The loop alone would let it be collected.
    peer.task = peer.loop.create_task(peer.commands())
    peer.loop.run_forever()


if __name__ == "__main__":
    main()
