'use strict';
// What the page says, Korean first.
const WORDS = {
  ko: {
    other: 'English', up: '정상', unchecked: '확인 전', down: '중단', ejected: '격리', circuit_open: '차단',
    draining: '드레인', ready: '정상 운영', notReady: '준비 안 됨', leaving: '종료 준비 중', lost: '연결이 끊겼습니다. 다시 연결하는 중…',
    connecting: '연결 중…', uptime: '가동', workers: '워커', memory: '메모리', lag: '루프 지연',
    requests: '요청', perSecond: '/초', latency: '응답 시간 p99', errorRate: '5xx 비율', now: '처리 중', clients: '연결', behind: '뒤쪽',
    queue: '대기열', retries: '재시도', refused: '거절', traffic: '전송', inbound: '수신', rateTitle: '요청률', latencyTitle: '응답 시간',
    lastMinutes: '최근 5분', policy: '정책', usable: '사용 가능', panic: '패닉: 모두 사용', queued: '대기', weight: '가중치', backup: '예비',
    tier: '단계', answered: '응답', failed: '실패', drain: '드레인', undrain: '복귀', errors: '최근 오류', none: '없습니다',
    errorsNone: '기록된 오류가 없습니다.', configuration: '설정', generation: '세대', reload: '다시 읽기', reloadedAt: '마지막 적용',
    reloadFailed: '마지막 적용 실패', neverReloaded: '시작한 뒤로 다시 읽지 않았습니다.', listeners: '리스너', routes: '라우트',
    closed: '닫힘', ago: '전', since: '부터', check: '검사', consecutive: '연속', times: '회', until: '까지', lastError: '마지막 오류',
    passed: '통과', refused_check: '연결 거부', timed_out: '시간 초과', broken: '깨진 응답', wrong_status: '기대와 다른 상태', wrong_content: '기대와 다른 내용',
    tokenSet: '변경 가능', tokenNone: '토큰 입력', askTitle: '관리 토큰', askText: '변경하려면 admin.token_file의 토큰이 필요합니다. 이 창을 닫으면 잊습니다.',
    cancel: '취소', go: '확인', wrongToken: '토큰이 맞지 않습니다.', done: '완료', noPlace: '요청에 응답할 엔드포인트가 없습니다.',
  },
  en: {
    other: '한국어', up: 'up', unchecked: 'unchecked', down: 'down', ejected: 'ejected', circuit_open: 'circuit open',
    draining: 'draining', ready: 'serving', notReady: 'not ready', leaving: 'leaving', lost: 'Connection lost. Trying again…',
    connecting: 'Connecting…', uptime: 'up', workers: 'workers', memory: 'memory', lag: 'loop lag',
    requests: 'Requests', perSecond: '/s', latency: 'Latency p99', errorRate: '5xx share', now: 'In flight', clients: 'connections', behind: 'upstream',
    queue: 'Queue', retries: 'Retries', refused: 'refused', traffic: 'out', inbound: 'in', rateTitle: 'Request rate', latencyTitle: 'Latency',
    lastMinutes: 'last 5 minutes', policy: 'policy', usable: 'usable', panic: 'panic: all are used', queued: 'queued', weight: 'weight', backup: 'backup',
    tier: 'tier', answered: 'answered', failed: 'failed', drain: 'Drain', undrain: 'Undrain', errors: 'Recent errors', none: 'none',
    errorsNone: 'No errors on record.', configuration: 'Configuration', generation: 'generation', reload: 'Reload', reloadedAt: 'last applied',
    reloadFailed: 'last reload failed', neverReloaded: 'Not reloaded since the start.', listeners: 'Listeners', routes: 'Routes',
    closed: 'closed', ago: 'ago', since: 'for', check: 'check', consecutive: '', times: 'in a row', until: 'until', lastError: 'last error',
    passed: 'passed', refused_check: 'connection refused', timed_out: 'timed out', broken: 'broken answer', wrong_status: 'unexpected status', wrong_content: 'unexpected content',
    tokenSet: 'Changes on', tokenNone: 'Enter token', askTitle: 'Admin token', askText: 'A change needs the token in admin.token_file. It is forgotten with this window.',
    cancel: 'Cancel', go: 'OK', wrongToken: 'That is not the token.', done: 'done', noPlace: 'No endpoint can answer requests.',
  },
};
