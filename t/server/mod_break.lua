-- A component of Prosody for the tests, which breaks its rooms as a message to
-- it says:
--	clear ROOM CODE	all are sent out of ROOM with the status CODE
--	ids		from now on rooms leave out the ids of messages
-- and answers with the word when it is done.
local st = require "util.stanza";

local orders = {};

local function muc()
	return prosody.hosts["conference.localhost"].modules.muc;
end

function orders.clear(room, code)
	muc().get_room_from_jid(room):clear(st.stanza("x",
	    { xmlns = "http://jabber.org/protocol/muc#user" })
	    :tag("status", { code = code }):up());
end

function orders.ids()
	module:context("conference.localhost"):hook("muc-broadcast-message",
	    function (event)
		event.stanza.attr.id = nil;
		event.stanza:remove_children("origin-id", "urn:xmpp:sid:0");
	end, 1000);
end

module:hook("message/host", function (event)
	local stanza = event.stanza;
	local body = stanza:get_child_text("body");
	if stanza.attr.type == "error" or not body then return true; end
	local word, room, code = body:match("^(%S+) ?(%S*) ?(%S*)$");
	orders[word](room, code);
	module:send(st.message({ from = module.host, to = stanza.attr.from,
	    type = "chat" }, word .. " done"));
	return true;
end);
