# SPDX-License-Identifier: MIT
"""What a live daemon tells of itself: metrics, logs, ids and timings."""
import http.client
import json
import os
import re
import time

import daemon
import exposition
import tally
from tally import within

SMALL = '/v1/weights?shape=10,10&scheme=he_uniform&seed=77001'
TENSOR = '/v1/weights?shape=1000,1000&scheme=uniform&seed=77001'
TRACE = '0af7651916cd43dd8448eb211c80319c'


def get(url, target, method='GET', **fields):
    """(status, fields, body)."""
    connection = http.client.HTTPConnection(url.host, url.port, timeout=30)
    headers = {name.replace('_', '-'): text for name, text in fields.items()}
    connection.request(method, target, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


def metrics(url):
    return exposition.read(get(url, '/metrics')[2].decode())


def test_requests_are_counted():
    """An answer is counted after its last byte."""
    def count(code, route='/v1/weights', method='GET'):
        return exposition.value(metrics(url), 'sow_http_requests_total',
                                method=method, route=route, code=code)

    def in_flight():
        return exposition.value(metrics(url), 'sow_http_requests_in_flight')

    with daemon.running() as url:
        sizes = [len(get(url, TENSOR)[2]) for _ in range(3)]
        get(url, TENSOR, 'HEAD')
        get(url, '/v1/weights?shape=1')
        get(url, '/nowhere/at/all/x')
        tally.check('three GET and a HEAD are four 2xx',
                    within(5, lambda: count('2xx') == 4), count('2xx'))
        tally.check('a bad query is a 4xx',
                    within(5, lambda: count('4xx') == 1))
        tally.check('what has no route is counted together',
                    within(5, lambda: count('4xx', 'none', 'none') == 1))
        now = metrics(url)
        sent = exposition.value(now, 'sow_http_response_bytes_total')
        tally.check('bytes of bodies are counted', sent > sum(sizes), sent)
        total = exposition.value(
            now, 'sow_http_request_duration_seconds_count', method='GET',
            route='/v1/weights')
        tally.equal('each is in the histogram', total, 5)
        tally.check('one request is in flight: this one',
                    within(5, lambda: in_flight() == 1), in_flight())


def test_the_process_is_told_of():
    with daemon.running() as url:
        now = metrics(url)
        started = exposition.value(now, 'process_start_time_seconds')
        tally.check('it started a moment ago', abs(time.time() - started) < 60,
                    started)
        with open(f'/proc/{url.pid}/status') as status:
            kilobytes = re.search(r'VmRSS:\s+(\d+)', status.read())[1]
        resident = 1024 * int(kilobytes)
        told = exposition.value(now, 'process_resident_memory_bytes')
        tally.check('resident memory is what the kernel says',
                    0.5 < told / resident < 2, (told, resident))
        files = len(os.listdir(f'/proc/{url.pid}/fd'))
        told = exposition.value(now, 'process_open_fds')
        tally.check('so are open files', abs(told - files) <= 2, (told, files))


def test_connections_come_and_go():
    def open_now():
        return exposition.value(metrics(url), 'sow_http_connections')

    with daemon.running() as url:
        idle = [http.client.HTTPConnection(url.host, url.port)
                for _ in range(5)]
        for connection in idle:
            connection.connect()
        tally.check('five idle ones and this one',
                    within(5, lambda: open_now() == 6), open_now())
        for connection in idle:
            connection.close()
        tally.check('are gone again', within(5, lambda: open_now() == 1))


def test_what_there_may_be_is_told():
    with daemon.running('--max-connections', '7', '--max-requests', '6',
                        '--queue', '5', '--max-upload-bytes', '4MiB') as url:
        now = metrics(url)
    for name, right in [('sow_http_connections_limit', 7),
                        ('sow_http_requests_in_flight_limit', 6),
                        ('sow_long_work_requests_limit', 5),
                        ('sow_upload_limit_bytes', 4 << 20)]:
        tally.equal(name, exposition.value(now, name), right)


def logged(lines, seconds, holds):
    """The lines' fields once 'holds' of them, or at last."""
    def read():
        return [json.loads(line) for line in lines.seen]
    within(seconds, lambda: holds(read()))
    return read()


def test_requests_are_logged():
    with daemon.running('--log-format', 'json', '--log-level',
                        'debug') as url:
        status, fields, body = get(
            url, SMALL, X_Request_Id='one-of-mine', Range='bytes=0-9',
            traceparent=f'00-{TRACE}-b7ad6b7169203331-01',
            User_Agent='a "test"\t\xff', Authorization='Bearer secret-77002')
        tally.equal('a part', (status, len(body)), (206, 10))
        tally.equal('the id is echoed', fields['X-Request-Id'], 'one-of-mine')
        get(url, '/healthz')
        get(url, '/nowhere\u0041/x%0Ay', X_Request_Id='two words')
        lines = logged(url, 5, lambda lines: sum(
            line['msg'] == 'request' for line in lines) == 3)
    requests = {x['path'][:9]: x for x in lines if x['msg'] == 'request'}
    first, health, last = (requests[path] for path in
                           ('/v1/weigh', '/healthz', '/nowhereA'))
    for name, right in [
            ('level', 'info'), ('request_id', 'one-of-mine'),
            ('trace_id', TRACE), ('span_id', 'b7ad6b7169203331'),
            ('method', 'GET'), ('path', '/v1/weights'), ('status', 206),
            ('route', '/v1/weights'), ('bytes', 10), ('range', 'bytes=0-9'),
            ('recipe', fields['Sow-Recipe']),
            ('user_agent', 'a "test"\t\xff')]:
        tally.equal(f'{name} is logged', first.get(name), right)
    tally.check('times are', 0 < first['ttfb_ms'] <= first['duration_ms'])
    tally.equal('health is for debugging', health['level'], 'debug')
    tally.check('an id that is none is replaced',
                re.fullmatch('[0-9a-f]{32}', last['request_id']))
    text = json.dumps(lines)
    tally.check('no token is logged', 'secret-77002' not in text)
    tally.check('no query is logged', '77001' not in text)


def test_access_log_can_be_off():
    with daemon.running('--access-log', 'off') as url:
        get(url, SMALL)
        get(url, SMALL)
    tally.check('no request is logged',
                not any(' request ' in line for line in url.seen), url.seen)


def test_work_is_timed():
    with daemon.running() as url:
        for target in (SMALL, TENSOR + '&digest=wait'):
            timing = get(url, target)[1]['Server-Timing']
            found = re.fullmatch(r'wait;dur=([\d.]+), work;dur=([\d.]+)',
                                 timing)
            tally.check('waiting and work are told', found, timing)
        tally.check('hashing 4 MB takes a while', float(found[2]) > 0.5,
                    timing)


def test_bodies_are_the_same_however_asked():
    with daemon.running() as url:
        bodies = {get(url, TENSOR, X_Request_Id=str(i))[2] for i in range(3)}
    tally.equal('one body', len(bodies), 1)


for test in (test_requests_are_counted, test_the_process_is_told_of,
             test_connections_come_and_go, test_what_there_may_be_is_told,
             test_requests_are_logged,
             test_access_log_can_be_off, test_work_is_timed,
             test_bodies_are_the_same_however_asked):
    tally.run(test)
tally.finish()
