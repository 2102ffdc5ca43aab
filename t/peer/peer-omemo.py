#!/usr/bin/python3
"""A device of OMEMO without a server: python-omemo with oldmemo (Debian's
python3-omemo, python3-oldmemo, python3-xmlschema), which shares no code with
libomemo-c. A command a line on standard input; the answer is one line.

    start JID               makes the device: its <bundle/>, its number before it
    list JID ID...          the devices of JID are these
    bundle JID ID XML       so is the bundle of one
    send JID TEXT           <encrypted/> for all of them
    read JID XML            the text of a message of JID, or an empty line
    last                    the last message that was sent unasked, or nothing

What fails is answered by a line that begins with an exclamation mark.
"""
import asyncio
import logging
import sys
import xml.etree.ElementTree as ET

import omemo
import oldmemo
import oldmemo.etree
from omemo.storage import Just, Nothing, Storage

NS = oldmemo.oldmemo.NAMESPACE
lists, bundles, unasked = {}, {}, []


class Memory(Storage):
    def __init__(self):
        super().__init__()
        self.values = {}

    async def _load(self, key):
        return Just(self.values[key]) if key in self.values else Nothing()

    async def _store(self, key, value):
        self.values[key] = value

    async def _delete(self, key):
        self.values.pop(key, None)


class Manager(omemo.SessionManager):
    @staticmethod
    async def _upload_bundle(bundle):
        bundles["own"] = oldmemo.etree.serialize_bundle(bundle)

    @staticmethod
    async def _download_bundle(namespace, bare_jid, device_id):
        element = bundles.get((bare_jid, device_id))
        if element is None:
            raise omemo.BundleDownloadFailed("there is none")
        return oldmemo.etree.parse_bundle(element, bare_jid, device_id)

    @staticmethod
    async def _delete_bundle(namespace, device_id):
        pass

    @staticmethod
    async def _upload_device_list(namespace, device_list):
        pass

    @staticmethod
    async def _download_device_list(namespace, bare_jid):
        return lists.get(bare_jid, {})

    async def _evaluate_custom_trust_level(self, device):
        return omemo.TrustLevel.TRUSTED

    async def _make_trust_decision(self, undecided, identifier):
        pass

    @staticmethod
    async def _send_message(message, bare_jid):
        unasked.append(oldmemo.etree.serialize_message(message))


def line_of(element):
    return ET.tostring(element, encoding="unicode").replace("\n", "")


class Device:
    async def start(self, jid):
        self.jid = jid
        self.manager = await Manager.create(
            [oldmemo.Oldmemo(Memory())], Memory(), jid, None, "trusted")
        await self.manager.after_history_sync()
        own, _ = await self.manager.get_own_device_information()
        return "%d %s" % (own.device_id, line_of(bundles["own"]))

    async def list(self, jid, *ids):
        lists[jid] = {int(i): None for i in ids}
        await self.manager.update_device_list(NS, jid, lists[jid])
        return "ok"

    async def bundle(self, jid, number, xml):
        bundles[(jid, int(number))] = ET.fromstring(xml)
        return "ok"

    async def send(self, jid, text):
        messages, errors = await self.manager.encrypt(
            frozenset([jid]), {NS: text.encode()}, [NS])
        if errors:
            return "! %s" % "; ".join(map(str, errors))
        return line_of(oldmemo.etree.serialize_message(next(iter(messages))))

    async def read(self, jid, xml):
        message = await oldmemo.etree.parse_message(
            ET.fromstring(xml), jid, self.jid, self.manager)
        text, _, _ = await self.manager.decrypt(message)
        return "" if text is None else text.decode()

    async def last(self):
        return line_of(unasked.pop()) if unasked else ""


PARTS = {"bundle": 3, "send": 2, "read": 2}


async def main():
    device = Device()
    while True:
        line = await asyncio.get_running_loop().run_in_executor(
            None, sys.stdin.readline)
        if not line:
            return
        name, _, rest = line.rstrip("\n").partition(" ")
        parts = rest.split(" ", PARTS.get(name, 0) - 1) if rest else []
        try:
            answer = await getattr(device, name)(*parts)
        except Exception as e:
            answer = "! %s: %s" % (type(e).__name__, str(e).replace("\n", " "))
        print(answer, flush=True)


logging.disable(logging.CRITICAL)
asyncio.run(main())
