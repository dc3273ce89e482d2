-- wrk script:  wrk ... -s post.lua URL -- body.json key
-- Posts the body again and again; prints one line, "WRK {json}".

function init(args)
  local file = assert(io.open(args[1], "rb"))
  wrk.method = "POST"
  wrk.body = file:read("*a")
  file:close()
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer " .. args[2]
end

function done(summary, latency, requests)
  local errors = summary.errors
  local values = {
    requests = summary.requests,
    duration_us = summary.duration,
    p50_us = latency:percentile(50),
    p99_us = latency:percentile(99),
    e_connect = errors.connect,
    e_read = errors.read,
    e_write = errors.write,
    e_status = errors.status,
    e_timeout = errors.timeout,
  }
  local members = {}
  for name, value in pairs(values) do
    members[#members + 1] = string.format('"%s":%d', name, value)
  end
  io.write("WRK {" .. table.concat(members, ",") .. "}\n")
end
