#!/usr/bin/python3
"""An XMPP client with OMEMO that is not ours, for the tests: python3-slixmpp
with python-omemo and oldmemo (Debian's python3-omemo, python3-oldmemo,
python3-xmlschema), which share no code with libomemo-c.

peer-omemo-xmpp.py JID PASSWORD HOST PORT CA STATE keeps its device in the file
STATE. It reads one JSON object a line,

    {"do": "send", "to": JID, "text": TEXT}    for all devices; answers `sent`
    {"do": "room", "to": ROOM, "text": TEXT, "members": [JID...],
     "replaces": ID}                 that may be missing
    {"do": "join", "room": ROOM, "nick": NICK}
    {"do": "bundle", "break": KIND}  ours, broken: see break_bundle; good: whole
    {"do": "list", "ids": [ID or "own"...]}    publishes that device list
    {"do": "forget", "of": JID}      loses the sessions with JID
    {"do": "key", "to": JID}         sends only a key to JID
    {"do": "iq", "type": TYPE, "to": JID, "xml": XML}   answers `iq`
    {"do": "raw", "xml": XML}        sends XML as it is
    {"do": "again"}                  sends the last message once more
    {"do": "mute"}                   sends no keys by itself from now on
    {"do": "receipts"}               answers requests for receipts from now on
    {"do": "quit"}

and prints one for each thing that comes: {"got": "online" | "message" | "key" |
"list" | "receipt" | "plain" | "error" | "sent" | "done" | "iq", ...}.
"""
import asyncio
import base64
import json
import logging
import os
import sys
import xml.etree.ElementTree as ET

import oldmemo
import oldmemo.etree
import omemo
import slixmpp
import xeddsa
from omemo.storage import Just, Nothing, Storage
from slixmpp.xmlstream.handler import CoroutineCallback
from slixmpp.xmlstream.matcher import MatchXPath

NS = oldmemo.oldmemo.NAMESPACE
LIST, BUNDLE = NS + ".devicelist", NS + ".bundles:%d"
CORRECT = "urn:xmpp:message-correct:0"
PUBSUB = "http://jabber.org/protocol/pubsub"
OPEN = {"pubsub#access_model": "open", "pubsub#persist_items": "true"}


def say(got, **values):
    values["got"] = got
    try:
        print(json.dumps(values, sort_keys=True), flush=True)
    except OSError:
        os._exit(0)


def shown(key):
    """The fingerprint that clients show of an Ed25519 key."""
    return xeddsa.ed25519_pub_to_curve25519_pub(key).hex()


class State(Storage):
    """Keeps all in one file, which is replaced at each change."""

    def __init__(self, path):
        super().__init__()
        self.path, self.data = path, {}
        if os.path.exists(path):
            with open(path) as old:
                self.data = json.load(old)

    def save(self):
        with open(self.path + ".new", "w") as new:
            json.dump(self.data, new)
        os.rename(self.path + ".new", self.path)

    async def _load(self, key):
        return Just(self.data[key]) if key in self.data else Nothing()

    async def _store(self, key, value):
        self.data[key] = value
        self.save()

    async def _delete(self, key):
        self.data.pop(key, None)
        self.save()


def manager_of(client):
    class Manager(omemo.SessionManager):
        @staticmethod
        async def _upload_bundle(bundle):
            await client.publish(BUNDLE % bundle.device_id,
                                 oldmemo.etree.serialize_bundle(bundle))

        @staticmethod
        async def _download_bundle(namespace, bare_jid, device_id):
            try:
                item = await client.item(bare_jid, BUNDLE % device_id)
            except Exception as error:
                raise omemo.BundleDownloadFailed(str(error))
            if item is None:
                raise omemo.BundleDownloadFailed("no item")
            return oldmemo.etree.parse_bundle(item, bare_jid, device_id)

        @staticmethod
        async def _delete_bundle(namespace, device_id):
            pass

        @staticmethod
        async def _upload_device_list(namespace, device_list):
            await client.publish(
                LIST, oldmemo.etree.serialize_device_list(device_list))

        @staticmethod
        async def _download_device_list(namespace, bare_jid):
            try:
                item = await client.item(bare_jid, LIST)
            except slixmpp.exceptions.IqError:
                return {}
            if item is None:
                return {}
            return oldmemo.etree.parse_device_list(item)

        async def _evaluate_custom_trust_level(self, device):
            return omemo.TrustLevel.TRUSTED

        async def _make_trust_decision(self, undecided, identifier):
            pass

        @staticmethod
        async def _send_message(message, bare_jid):
            if not client.muted:
                client.send_encrypted(bare_jid, message)

    return Manager


def edit(element, change):
    raw = base64.b64decode(element.text)
    element.text = base64.b64encode(change(raw)).decode()


def break_bundle(b, kind):
    """Breaks the <bundle/> B in the way KIND."""
    def find(name):
        return b.find("{%s}%s" % (NS, name))

    signature, prekeys = find("signedPreKeySignature"), find("prekeys")
    points = list(prekeys) + [find("identityKey"), find("signedPreKeyPublic")]
    if kind == "signature":
        edit(signature, lambda x: x[:9] + bytes([x[9] ^ 1]) + x[10:])
    elif kind == "signature-empty":
        signature.text = ""
    elif kind == "signature-short":
        edit(signature, lambda x: x[:63])
    elif kind == "signature-missing":
        b.remove(signature)
    elif kind == "keys-32":
        for e in points:
            edit(e, lambda x: x[1:])
    elif kind == "type-6":
        for e in points:
            edit(e, lambda x: b"\x06" + x[1:])
    elif kind == "no-prekeys":
        for e in list(prekeys):
            prekeys.remove(e)
    elif kind == "prekey-garbage":
        for e in prekeys:
            e.text = "!no base64!"
    elif kind == "zero":
        for e in points:
            edit(e, lambda x: b"\x05" + bytes(32))
    elif kind == "identity-missing":
        b.remove(find("identityKey"))
    elif kind == "empty":
        for e in list(b):
            b.remove(e)
    elif kind != "good":
        raise ValueError(kind)


class Peer(slixmpp.ClientXMPP):
    def __init__(self, jid, password, ca, state):
        super().__init__(jid, password)
        self.state, self.ca_certs = State(state), ca
        self.manager, self.muted, self.receipts = None, False, False
        self.last, self.lock = None, asyncio.Lock()
        for plugin in ("xep_0030", "xep_0045", "xep_0060", "xep_0115",
                       "xep_0163", "xep_0199"):
            self.register_plugin(plugin)
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("failed_auth", lambda e: say("failed"))
        self.register_handler(CoroutineCallback(
            "all", MatchXPath("{jabber:client}message"), self.came))

    async def started(self, _):
        await self["xep_0115"].update_caps()
        self["xep_0163"].add_interest(LIST)
        await self["xep_0115"].update_caps()
        self.send_presence()
        await self.get_roster()
        self.backend = oldmemo.Oldmemo(self.state)
        manager = await manager_of(self).create(
            [self.backend], self.state, self.boundjid.bare, None, "blind")
        await manager.after_history_sync()
        own, _ = await manager.get_own_device_information()
        self.own, self.manager = own, manager
        say("online", device=own.device_id, fp=shown(own.identity_key))

    def form(self, parent, kind):
        x = ET.SubElement(parent, "{jabber:x:data}x", type="submit")
        values = [("FORM_TYPE", PUBSUB + kind)] + list(OPEN.items())
        for var, value in values:
            field = ET.SubElement(x, "{jabber:x:data}field", var=var)
            ET.SubElement(field, "{jabber:x:data}value").text = value

    async def publish(self, node, payload):
        iq = self.make_iq_set()
        pubsub = ET.SubElement(iq.xml, "{%s}pubsub" % PUBSUB)
        publish = ET.SubElement(pubsub, "{%s}publish" % PUBSUB, node=node)
        ET.SubElement(publish, "{%s}item" % PUBSUB,
                      id="current").append(payload)
        self.form(ET.SubElement(pubsub, "{%s}publish-options" % PUBSUB),
                  "#publish-options")
        await iq.send(timeout=60)

    async def item(self, jid, node):
        iq = self.make_iq_get(ito=jid)
        pubsub = ET.SubElement(iq.xml, "{%s}pubsub" % PUBSUB)
        ET.SubElement(pubsub, "{%s}items" % PUBSUB, node=node, max_items="1")
        answer = await iq.send(timeout=60)
        found = answer.xml.find(".//{%s}item" % PUBSUB)
        return None if found is None or not len(found) else found[0]

    def send_encrypted(self, to, message, kind="chat", replaces=None):
        m = self.make_message(mto=to, mtype=kind)
        m["id"] = self.new_id()
        encrypted = oldmemo.etree.serialize_message(message)
        m.xml.append(encrypted)
        if encrypted.find("{%s}payload" % NS) is not None:
            m["body"] = "This is for clients with OMEMO."
            if kind == "chat":
                m.xml.append(ET.Element("{urn:xmpp:receipts}request"))
        m.xml.append(ET.Element("{urn:xmpp:hints}store"))
        if replaces is not None:
            m.xml.append(ET.Element("{%s}replace" % CORRECT, id=replaces))
        self.last = ET.tostring(m.xml, encoding="unicode")
        self.send_raw(self.last)
        return m["id"]

    async def came(self, m):
        async with self.lock:
            await self.take(m)

    async def take(self, m):
        while self.manager is None:
            await asyncio.sleep(0.02)
        event = "{%s#event}" % PUBSUB
        items = m.xml.find(event + "event/" + event + "items")
        if items is not None and items.get("node") == LIST:
            found = items.find(".//{%s}list" % NS)
            if found is not None:
                ids = {int(d.get("id")): None for d in found}
                say("list", of=m["from"].bare, ids=sorted(ids))
                await self.manager.update_device_list(
                    NS, m["from"].bare, ids)
            return
        receipt = m.xml.find("{urn:xmpp:receipts}received")
        if receipt is not None:
            say("receipt", id=receipt.get("id"), of=str(m["from"]))
        common = {"of": str(m["from"]), "id": m["id"], "type": m["type"]}
        replaced = m.xml.find("{%s}replace" % CORRECT)
        if replaced is not None:
            common["replaces"] = replaced.get("id")
        encrypted = m.xml.find("{%s}encrypted" % NS)
        if encrypted is None or m["type"] == "error":
            if m["body"]:
                say("plain", text=m["body"], **common)
            return
        sender = m["from"].bare
        if m["type"] == "groupchat":
            sender = slixmpp.JID(str(self["xep_0045"].get_jid_property(
                m["from"].bare, m["from"].resource, "jid"))).bare
        header = encrypted.find("{%s}header" % NS)
        if header.get("sid") == str(self.own.device_id):
            return
        try:
            text, device, _ = await self.manager.decrypt(
                await oldmemo.etree.parse_message(
                    encrypted, sender, self.boundjid.bare, self.manager))
        except Exception as error:
            say("error", why=type(error).__name__, **common)
            return
        if text is None:
            say("key", device=device.device_id, **common)
            return
        say("message", text=text.decode(), device=device.device_id,
            fp=shown(device.identity_key), **common)
        asked = m.xml.find("{urn:xmpp:receipts}request") is not None
        if self.receipts and asked:
            answer = self.make_message(mto=m["from"], mtype="chat")
            answer.xml.append(
                ET.Element("{urn:xmpp:receipts}received", id=m["id"]))
            answer.send()

    async def encrypt(self, jids, text):
        for jid in jids:
            await self.manager.refresh_device_list(NS, jid)
        messages, errors = await self.manager.encrypt(
            frozenset(jids), {NS: text.encode()}, [NS])
        return next(iter(messages)), [str(e) for e in errors]

    async def send_key(self, jid):
        await self.manager.refresh_device_list(NS, jid)
        for device in await self.manager.get_device_information(jid):
            await self.manager.replace_sessions(device)

    async def forget(self, jid):
        ids = (await self.state.load_list(
            "/%s/%s/device_ids" % (NS, jid), int)).maybe([])
        for device in ids:
            await self.state.delete(
                "/%s/%s/%d/double_ratchet" % (NS, jid, device))

    async def command(self, c):
        async with self.lock:
            await self.do(c)

    async def do(self, c):
        what = c["do"]
        if what == "send":
            message, errors = await self.encrypt(
                [slixmpp.JID(c["to"]).bare], c["text"])
            say("sent", id=self.send_encrypted(c["to"], message),
                text=c["text"], errors=errors)
        elif what == "room":
            message, errors = await self.encrypt(c["members"], c["text"])
            say("sent", errors=errors,
                id=self.send_encrypted(c["to"], message, "groupchat",
                                       c.get("replaces")))
        elif what == "join":
            await self["xep_0045"].join_muc_wait(
                slixmpp.JID(c["room"]), c["nick"], maxstanzas=0, timeout=60)
            say("done", do=what)
        elif what == "bundle":
            b = oldmemo.etree.serialize_bundle(await self.backend.get_bundle(
                self.boundjid.bare, self.own.device_id))
            break_bundle(b, c["break"])
            await self.publish(BUNDLE % self.own.device_id, b)
            say("done", do=what, kind=c["break"])
        elif what == "list":
            ids = [self.own.device_id if i == "own" else i for i in c["ids"]]
            await self.publish(LIST, oldmemo.etree.serialize_device_list(
                {i: None for i in ids}))
            say("done", do=what)
        elif what == "forget":
            await self.forget(c["of"])
            say("done", do=what)
        elif what == "key":
            await self.send_key(c["to"])
            say("done", do=what)
        elif what == "iq":
            iq = self.make_iq(itype=c["type"], ito=c.get("to"))
            iq.xml.append(ET.fromstring(c["xml"]))
            try:
                answer = await iq.send(timeout=60)
            except slixmpp.exceptions.IqError as error:
                answer = error.iq
            say("iq", type=answer["type"],
                xml=ET.tostring(answer.xml, encoding="unicode"))
        elif what == "raw":
            self.send_raw(c["xml"])
        elif what == "again":
            self.send_raw(self.last)
        elif what == "mute":
            self.muted = True
        elif what == "receipts":
            self.receipts = True
        elif what == "quit":
            self.disconnect()
            await asyncio.sleep(0.2)
            os._exit(0)


async def commands(peer):
    reader = asyncio.StreamReader(limit=1 << 22)
    await peer.loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while True:
        line = await reader.readline()
        if not line:
            os._exit(0)
        while peer.manager is None:
            await asyncio.sleep(0.02)
        try:
            await peer.command(json.loads(line))
        except Exception as error:
            say("error", why="%s: %s" % (type(error).__name__, error),
                line=line.decode()[:200])


logging.basicConfig(level=logging.CRITICAL)
JID, PASSWORD, HOST, PORT, CA, STATE = sys.argv[1:]
PEER = Peer(JID, PASSWORD, CA, STATE)
PEER.reading = PEER.loop.create_task(commands(PEER))
PEER.connect((HOST, int(PORT)))
PEER.process(forever=True)
