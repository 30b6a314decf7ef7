-- What wrk sends in `cargo xtask bench`: the body in BODY_FILE to BODY_PATH, each time with a new id,
-- from the site whose host is in ORIGIN, by four browsers in turns. Ids are the thread's random prefix
-- and a number. Requests are prepared, so that wrk is not what is measured.

local file = assert(io.open(os.getenv("BODY_FILE"), "rb"))
local body = file:read("*a")
file:close()
local agents = {
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0",
}
local heads, tails = {}, {}
local number = 0

function init()
  local random = assert(io.open("/dev/urandom", "rb"))
  local prefix = random:read(6):gsub(".", function(c) return string.format("%02x", c:byte()) end)
  random:close()
  local place = string.rep("#", 10)
  local filled = body:gsub("BATCH%-ID", prefix .. place, 1)
  for at, agent in ipairs(agents) do
    local headers = {
      ["Origin"] = os.getenv("ORIGIN"), ["Content-Type"] = "text/plain", ["User-Agent"] = agent,
    }
    local request = wrk.format("POST", os.getenv("BODY_PATH"), headers, filled)
    heads[at], tails[at] = request:match("^(.-)" .. place .. "(.*)$")
  end
end

function request()
  number = number + 1
  local at = number % #agents + 1
  return heads[at] .. string.format("%010d", number) .. tails[at]
end

function done(summary, latency)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read
    + summary.errors.write + summary.errors.timeout
  print(string.format("RESULT %d %d %d %d", summary.requests, summary.duration, bad, latency:percentile(99)))
end
