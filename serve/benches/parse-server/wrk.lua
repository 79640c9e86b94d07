-- Asks for one path after the other. The first argument names a file: headers, an empty line, paths.
local requests, place = {}, 0

function init(arguments)
    local headers, is_path = {}, false
    for line in io.lines(arguments[1]) do
        if line == "" then
            is_path = true
        elseif is_path then
            requests[#requests + 1] = wrk.format("GET", line, headers)
        else
            local name, value = line:match("^(.-): (.*)$")
            headers[name] = value
        end
    end
end

function request()
    place = place % #requests + 1
    return requests[place]
end

function done(summary, latency)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    print(string.format('{"requests":%d,"microseconds":%d,"failed":%d,"bytes":%d,"p50":%d,"p99":%d}',
        summary.requests, summary.duration, failed, summary.bytes, latency:percentile(50), latency:percentile(99)))
end
