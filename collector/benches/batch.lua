-- What wrk sends in `cargo xtask bench`: the batch in BATCH_FILE, each time with a new id, from the
-- site whose host is in ORIGIN. Ids are the thread's random prefix and a number.

local file = assert(io.open(os.getenv("BATCH_FILE"), "rb"))
local body = file:read("*a")
file:close()
local head, tail = body:match("^(.-)BATCH%-ID(.*)$")
local headers = { ["Origin"] = os.getenv("ORIGIN"), ["Content-Type"] = "text/plain" }
local number = 0
local prefix

function init()
  local random = assert(io.open("/dev/urandom", "rb"))
  prefix = random:read(6):gsub(".", function(c) return string.format("%02x", c:byte()) end)
  random:close()
end

function request()
  number = number + 1
  return wrk.format("POST", "/v1/batches", headers, head .. prefix .. string.format("%010d", number) .. tail)
end

function done(summary, latency)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read
    + summary.errors.write + summary.errors.timeout
  print(string.format("RESULT %d %d %d %d", summary.requests, summary.duration, bad, latency:percentile(99)))
end
