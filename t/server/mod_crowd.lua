-- A component of Prosody for the tests: people in rooms, who do what a
-- message to it says, a line each:
--	seat ROOM FIRST LAST	pFIRST to pLAST sit there; as each would be
--				told of each, 500 who enter would take a minute
--	leave ROOM FIRST LAST	they leave, by a presence each
--	say ROOM FIRST LAST TEXT
--	as HEX XML		XML from one of them to the JID in HEX
-- It answers `done` when the rooms have taken it all.
local st = require "util.stanza";
local xml = require "util.xml";

local function person(i)
	return ("p%d@%s"):format(i, module.host);
end

local function each(room, first, last, make)
	for i = tonumber(first), tonumber(last) do
		local stanza = make();
		stanza.attr.from = person(i) .. "/x";
		stanza.attr.to = room;
		if stanza.name == "presence" then
			stanza.attr.to = ("%s/p%d"):format(room, i);
		end
		module:send(stanza);
	end
end

local orders = {};

function orders.seat(room, first, last)
	local rooms = prosody.hosts[room:match("@(.*)$")].modules.muc;
	local object = rooms.get_room_from_jid(room)
	    or rooms.create_room(room);
	for i = tonumber(first), tonumber(last) do
		local nick = ("%s/p%d"):format(room, i);
		local occupant = object:new_occupant(person(i), nick);
		occupant:set_session(person(i) .. "/x", st.presence());
		object:save_occupant(occupant);
	end
end

function orders.leave(room, first, last)
	each(room, first, last, function ()
		return st.presence({ type = "unavailable" });
	end);
end

function orders.say(room, first, last, text)
	each(room, first, last, function ()
		return st.message({ type = "groupchat" })
		    :tag("body"):text(text):up();
	end);
end

local function as(hex, text)
	local stanza = assert(xml.parse(text));
	stanza.attr.xmlns = nil;
	stanza.attr.from = person(0) .. "/x";
	stanza.attr.to = hex:gsub("%x%x", function (byte)
		return string.char(tonumber(byte, 16));
	end);
	module:send(stanza);
end

module:hook("message/host", function (event)
	local stanza = event.stanza;
	local body = stanza:get_child_text("body");
	if stanza.attr.type == "error" or not body then return true; end
	for line in body:gmatch("[^\n]+") do
		local word, rest = line:match("^(%S+) (.*)$");
		if word == "as" then
			as(rest:match("^(%S+) (.*)$"));
		else
			orders[word](rest:match(
			    "^(%S+) (%d+) (%d+) ?(.*)$"));
		end
	end
	module:send(st.message({ from = module.host, to = stanza.attr.from,
	    type = "chat" }, "done"));
	return true;
end);

-- What the rooms say to them is heard, and nothing said to it.
for _, name in ipairs { "message", "presence", "iq" } do
	module:hook(name .. "/full", function () return true; end, 1);
	module:hook(name .. "/bare", function () return true; end, 1);
end
