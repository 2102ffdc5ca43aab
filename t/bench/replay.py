#!/usr/bin/python3
"""replay.py JID PASSWORD PORT CA: reads the account's archive (XEP-0313) to its
end, page by page, with python3-slixmpp, and prints each body, then `end` and how
many there were; for scripts/bench.d/replay.sh."""
import asyncio
import sys

import slixmpp

jid, password, port, ca = sys.argv[1:5]


class Reader(slixmpp.ClientXMPP):
    def __init__(self):
        super().__init__(jid, password)
        self.ca_certs = ca
        self.register_plugin("xep_0030")
        self.register_plugin("xep_0059")
        self.register_plugin("xep_0297")
        self.register_plugin("xep_0313")
        self.add_event_handler("session_start", self.read)

    async def read(self, _):
        self.send_presence()
        seen = 0
        async for message in self["xep_0313"].iterate(rsm={"max": 250}):
            body = message["mam_result"]["forwarded"]["stanza"]["body"]
            if body:  # not a receipt
                print(body)
                seen += 1
        print("end", seen, flush=True)
        self.disconnect()


client = Reader()
client.connect(("127.0.0.1", int(port)))
client.process(forever=False)
