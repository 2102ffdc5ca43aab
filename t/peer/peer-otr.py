#!/usr/bin/python3
"""peer.py with encryption by python3-potr, which is not libotr: version 2.

Further objects that it reads; the JID is one of a session, full:

    {"do": "text", "to": JID, "body": TEXT}       encrypted where it can be
    {"do": "start" | "stop", "to": JID}
    {"do": "smp", "to": JID, "secret": TEXT, "question": TEXT or missing}
    {"do": "answer", "to": JID, "secret": TEXT}

and prints: {"got": "text", "body": TEXT, "encrypted": true | false},
{"got": "state", "state": "plaintext" | "encrypted" | "finished",
"fingerprint": OF THE OTHER}, {"got": "own", "fingerprint": OURS}, {"got":
"smp", "state": "asked" | "succeeded" | "failed", "question": TEXT or null},
{"got": "unreadable", "why": TEXT}. Texts are HTML inside OTR, as with pidgin.
"""
import html
import re

from Cryptodome import Cipher
from Cryptodome.PublicKey import DSA
from potr import context, crypt, proto
from potr.compatcrypto import pycrypto
from potr.utils import bytes_to_long, long_to_bytes

from peer import Peer, main, say


# What potr needs of a library that is gone.
def sign(key, data):
    p = key.priv
    k = pycrypto.randrange(2, int(p.q))
    r = pow(int(p.g), k, int(p.p)) % int(p.q)
    s = pow(k, -1, int(p.q)) * (bytes_to_long(data) + int(p.x) * r)
    return long_to_bytes(r, 20) + long_to_bytes(s % int(p.q), 20)


def verify(key, data, signature):
    p, q, g, y = (int(n) for n in key.getPublicPayload())
    r, s = bytes_to_long(signature[:20]), bytes_to_long(signature[20:])
    if not (0 < r < q and 0 < s < q):
        return False
    w = pow(s, -1, q)
    u = bytes_to_long(data) * w % q
    return pow(g, u, p) * pow(y, r * w % q, p) % p % q == r


def generate(kind):
    k = DSA.generate(1024)
    return kind(tuple(map(int, (k.y, k.g, k.p, k.q, k.x))), private=True)


def aes_ctr(key, counter=0):
    prefix = counter if isinstance(counter, int) else counter.prefix
    return Cipher.AES.new(key, Cipher.AES.MODE_CTR,
                          nonce=long_to_bytes(prefix, 8))


pycrypto.DSAKey.sign = sign
pycrypto.DSAKey.verify = verify
pycrypto.DSAKey.generate = classmethod(generate)
crypt.AESCTR = aes_ctr
STATES = {context.STATE_PLAINTEXT: "plaintext",
          context.STATE_ENCRYPTED: "encrypted",
          context.STATE_FINISHED: "finished"}


class Talk(context.Context):
    def getPolicy(self, key):
        return key == "ALLOW_V2"

    def inject(self, message, appdata=None):
        self.user.xmpp.send_body(self.peer, message.decode())

    def setState(self, state):
        super().setState(state)
        key = self.getCurrentKey()
        say("state", state=STATES[state],
            fingerprint=key.cfingerprint() if key else None)


class Account(context.Account):
    contextclass = Talk

    def __init__(self, xmpp):
        super().__init__(xmpp.boundjid.bare, "xmpp", 0)
        self.xmpp = xmpp

    def loadPrivkey(self):
        return None

    def savePrivkey(self):
        pass

    saveTrusts = savePrivkey


class OtrPeer(Peer):
    async def on_start(self, event):
        self.otr = Account(self)
        say("own", fingerprint=self.otr.getPrivkey().cfingerprint())
        await super().on_start(event)

    def send_body(self, to, body):
        self.make_message(mto=to, mbody=body, mtype="chat").send()

    def on_message(self, stanza):
        if stanza["type"] != "chat" or not stanza["body"]:
            return super().on_message(stanza)
        talk = self.otr.getContext(stanza["from"].full)
        try:
            text, tlvs = talk.receiveMessage(stanza["body"].encode())
        except context.NotOTRMessage:
            say("text", body=stanza["body"], encrypted=False)
        except Exception as why:
            say("unreadable", why=type(why).__name__)
        else:
            if text:
                text = re.sub("<[^>]*>", "", text.decode())
                say("text", body=html.unescape(text), encrypted=True)
            self.smp(talk, tlvs)

    def smp(self, talk, tlvs):
        for tlv in tlvs:
            if isinstance(tlv, (proto.SMP1TLV, proto.SMP1QTLV)):
                question = getattr(tlv, "msg", None)
                say("smp", state="asked",
                    question=question.decode() if question else None)
            elif isinstance(tlv, (proto.SMP3TLV, proto.SMP4TLV)):
                say("smp", state="succeeded" if talk.smpIsSuccess()
                    else "failed", question=None)
            elif isinstance(tlv, proto.SMPABORTTLV):
                say("smp", state="failed", question=None)

    def do_text(self, to, body):
        talk = self.otr.getContext(to)
        if talk.state == context.STATE_ENCRYPTED:
            body = html.escape(body)
        try:
            message = talk.sendMessage(context.FRAGMENT_SEND_ALL_BUT_LAST,
                                       body.encode())
        except context.NotEncryptedError:
            say("unreadable", why="finished")
        else:
            self.send_body(to, message.decode())

    def do_start(self, to):
        self.send_body(to, "?OTRv2?")

    def do_stop(self, to):
        self.otr.getContext(to).disconnect()

    def do_smp(self, to, secret, question=None):
        self.otr.getContext(to).smpInit(
            secret.encode(), question and question.encode())

    def do_answer(self, to, secret):
        self.otr.getContext(to).smpGotSecret(secret.encode())


main(OtrPeer)
