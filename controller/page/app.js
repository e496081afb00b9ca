'use strict';
// The controller's page: asks the API beside it, keeps what is shown in place, and puts in all of it as text.

const EVERY = 4000;       // milliseconds between two looks
const BUSY = 1000;        // and while something is applied
const SLOWEST = 30000;    // and when the controller does not answer
const DEADLINE = 10000;   // of one request
const PREVIEWS = 5;      // generations of which a rollback's plan is asked for
const LINES = 1500;       // of a diff, before somebody asks for all
const MANY = 6;           // peers that are drawn as a tree
const TOPICS = ['status', 'plan', 'topology', 'history', 'events', 'containers'];

const $ = id => document.getElementById(id);

// --- text

/** Invisible characters that change what a line says, made visible. */
const shown = text => String(text ?? '').replace(
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
  each => '\\u' + each.charCodeAt(0).toString(16).padStart(4, '0'));

const plural = (n, one) => `${n} ${one}${n === 1 ? '' : 's'}`;
const brief = revision => shown(/^[0-9a-f]{20,}$/.test(revision) ? revision.slice(0, 12) : revision);
const list = value => (Array.isArray(value) ? value.filter(each => each && typeof each === 'object') : []);
const joined = words => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`);

let skew = 0;  // the controller's clock minus ours, when they differ by more than seconds
const now = () => Date.now() + skew;

function relative(then) {
  const seconds = Math.round((then - now()) / 1000);
  const past = Math.abs(seconds);
  const [n, unit] = past < 100 ? [past, 's'] : past < 5400 ? [Math.round(past / 60), 'min']
    : past < 129600 ? [Math.round(past / 3600), 'h'] : [Math.round(past / 86400), 'd'];
  return seconds > 0 ? `in ${n} ${unit}` : past < 2 ? 'just now' : `${n} ${unit} ago`;
}

/** `2025-11-26 19:24:01 UTC`, in the browser's time zone; it is Sweden that writes dates this way. */
const absolute = then => new Date(then).toLocaleString('sv-SE', {
  year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short',
});

// --- nodes

/** `el('p.a', text or node, …)` */
function el(name, ...children) {
  const [tag, ...classes] = name.split('.');
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(' ');
  node.append(...children);
  return node;
}

function icon(tone) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(document.createElementNS('http://www.w3.org/2000/svg', 'use'));
  svg.firstChild.setAttribute('href', `#i-${tone}`);
  return svg;
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
  return node;
}

function attribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

function show(node, yes) {
  if (node.hidden === yes) node.hidden = !yes;
}

/** An icon and a word; the colour is never the only sign. */
function mark(node, tone, text) {
  if (node.dataset.tone !== tone || !node.firstElementChild) {
    node.dataset.tone = tone;
    node.replaceChildren(icon(tone), el('span'));
  }
  put(node.lastElementChild, text);
  return node;
}

/** What somebody wrote; several lines are a box of their own, wrapped like all text, that the keyboard can scroll. */
function prose(node, text, name) {
  put(node, shown(text).trimEnd());
  const lines = /\n/.test(node.textContent);
  attribute(node, 'class', lines ? 'text lines' : 'text');
  for (const [key, value] of [['tabindex', '0'], ['role', 'region'], ['aria-label', name]]) attribute(node, key, lines ? value : null);
  return node;
}

function when(node, iso) {
  const then = Date.parse(iso);
  if (Number.isNaN(then)) return put(node, 'unknown');
  attribute(node, 'datetime', iso);
  attribute(node, 'title', absolute(then));
  return age(node);
}

/** What was to come and is late is due now. */
function age(node) {
  const then = Date.parse(node.dateTime);
  return put(node, node.dataset.due && then <= now() ? 'now' : relative(then));
}

/** Keeps a node for each item, in order; what stays is neither made anew nor moved without need. */
function sync(parent, items, keyOf, make, update) {
  const before = parent.nodesByKey ?? new Map();
  const after = new Map();
  for (const item of items) {
    let key = keyOf(item);
    while (after.has(key)) key += ' again';
    after.set(key, [before.get(key) ?? make(item), item]);
  }
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  for (const [key, node] of before) if (!after.has(key)) node.remove();
  let next = parent.firstElementChild;
  for (const [node] of after.values()) {
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
  }
  parent.nodesByKey = new Map([...after].map(([key, [node]]) => [key, node]));
  for (const [node, item] of after.values()) update(node, item);
  if (focused && document.activeElement !== focused) {
    (focused.isConnected ? focused : parent.closest('section, dialog')?.querySelector('h2'))?.focus({ preventScroll: true });
  }
}

/** A description list out of [term, text, { title, time, due, href }]: `time` instead of the text, `href` within this page. */
function facts(node, all) {
  sync(node, all.flatMap(each => [['dt', ...each], ['dd', ...each]]), ([tag, term]) => tag + term, ([tag, , , more]) =>
    (tag === 'dd' && more?.time ? el('dd', el('time')) : tag === 'dd' && more?.href ? el('dd', el('a')) : el(tag)), (each, [tag, term, text, more]) => {
    if (tag === 'dt') return put(each, term);
    const inner = each.querySelector('time, a');
    if (more?.time && inner) {
      attribute(inner, 'data-due', more.due ? 'yes' : null);
      return when(inner, more.time);
    }
    if (more?.href && inner) attribute(inner, 'href', more.href);
    attribute(each, 'title', more?.title ? shown(more.title) : null);
    return put(inner ?? each, shown(text));
  });
}

const parts = (node, ...selectors) => selectors.map(each => node.querySelector(each));

/** `indent`: what stands before the signs of a difference, in the text of a plan. */
function fillDiff(holder, name, text, indent, all = false) {
  if (holder.diffText === text && !all) return;
  holder.diffText = text;
  const lines = shown(text).replace(/\n$/, '').split('\n');
  const box = holder.querySelector('.diff') ?? holder.appendChild(el('pre.diff'));
  for (const [key, value] of [['tabindex', '0'], ['role', 'region'], ['aria-label', name]]) box.setAttribute(key, value);
  const kinds = { '+': 'span.add', '-': 'span.del', '@': 'span.at' };
  box.replaceChildren(...lines.slice(0, all ? Infinity : LINES).map((line, i) =>
    el((indent || i < 2) && /^ *(---|\+\+\+) /.test(line) ? 'span.head' : kinds[line[indent]] ?? 'span', line || ' ')));
  holder.querySelector('.more')?.remove();
  if (!all && lines.length > LINES) {
    const more = el('button.more', `Show all ${lines.length} lines`);
    more.type = 'button';
    more.addEventListener('click', () => { fillDiff(holder, name, text, indent, true); box.focus(); });
    holder.append(more);
  }
}

/** A diff is laid out when somebody opens it. */
function lazyDiff(details, name, text, indent = 0) {
  details.wanted = () => fillDiff(details, name, text, indent);
  if (details.open) details.wanted();
  if (!details.listens) {
    details.listens = true;
    details.addEventListener('toggle', () => { if (details.open) details.wanted(); });
  }
}

// --- what the API says

const data = {};      // by topic: the latest answer
const problems = {};  // by topic: why there is none
const tags = {};      // by topic: the ETag of it
const missing = (topic, none) => (problems[topic] ? `Not available: ${problems[topic]}` : none);
let token = '';
const locked = {};    // by topic: the token with which it was refused

class Refused extends Error {
  constructor(status, answer) {
    super(shown(answer?.error || `the controller answered with HTTP status ${status}`));
    this.status = status;
    this.hint = shown(answer?.hint ?? '');
  }
}

async function ask(path, options = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), DEADLINE);
  try {
    const answer = await fetch('api/v1/' + path, { cache: 'no-store', credentials: 'omit', redirect: 'error', signal: abort.signal, ...options });
    const theirs = Date.parse(answer.headers.get('Date'));
    if (!Number.isNaN(theirs)) skew = Math.abs(theirs - Date.now()) > 5000 ? theirs - Date.now() : 0;
    if (answer.status === 304) return null;
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, body);
    return { body, tag: answer.headers.get('ETag') };
  } finally {
    clearTimeout(timer);
  }
}

/** Throws when nobody answers. What was refused is asked for again with another token only. */
async function look(topic) {
  if (locked[topic] === token) return;
  const asked = token;
  try {
    const answer = await ask(topic, { headers: { ...(asked ? { Authorization: `Bearer ${asked}` } : {}), ...(tags[topic] ? { 'If-None-Match': tags[topic] } : {}) } });
    if (answer) [data[topic], tags[topic]] = [answer.body, answer.tag];
    delete problems[topic];
    delete locked[topic];
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    lose(topic, error.status !== 401 ? error.message.split('\n')[0] : asked ? 'the controller does not accept this token'
      : 'this needs the token; paste the token under “Actions”');
    if (error.status === 401) locked[topic] = asked;
  }
}

function lose(topic, why) {
  delete data[topic];
  delete tags[topic];
  problems[topic] = why;
}

/** Everything that the page derives from the answers. */
function situation() {
  const status = data.status ?? {};
  const conditions = list(status.conditions);
  const condition = type => conditions.find(each => each.type === type) ?? { type, status: 'Unknown', reason: '', message: '' };
  const ready = condition('Ready');
  const plan = list(data.plan?.plan?.hosts)[0] ?? null;
  const acting = list(plan?.changes).filter(each => !['none', 'drift'].includes(each.action));
  const applying = status.applying && typeof status.applying === 'object' ? status.applying : null;
  const is = {
    status, conditions, ready, plan, acting, applying,
    host: shown(status.host || data.topology?.self || '?'),
    stack: shown(status.stack || data.topology?.stack || ''),
    mode: status.mode ?? '',
    suspended: ready.reason === 'Suspended' || Boolean(status.suspended),
    waiting: ready.reason === 'WaitingForConfirmation' || Boolean(status.waiting),
    stalled: condition('Stalled').status === 'True',
    known: conditions.length > 0,
    refused: acting.filter(each => each.action === 'refuse'),
    locked: 'plan' in locked,
  };
  is.approval = data.plan?.waitsForApproval === true && acting.length > 0 && !is.suspended && !is.waiting && !applying;
  is.digest = String(data.plan?.digest ?? '');
  is.note = String(data.plan?.note ?? '');
  is.why = status.suspended || ready.message;
  const ill = ['Healthy', 'TunnelReady', 'NetworkReady'].some(type => condition(type).status === 'False');
  [is.tone, is.word] = applying ? ['busy', applying.repair === true ? 'Repairing' : 'Applying']
    : !is.known ? ['unknown', 'Unknown']
    : is.stalled ? ['bad', 'Stalled']
    : is.suspended ? ['paused', 'Suspended']
    : is.waiting ? ['warn', 'Waits for confirmation']
    : is.approval || (is.locked && ready.reason === 'WaitingForApproval') ? ['warn', 'Waits for approval']
    : ready.status === 'True' ? (ill ? ['bad', 'Ready, but not healthy'] : ['ok', 'Ready'])
    : ready.reason === 'ChangePending' ? ['warn', 'Change pending']
    : ready.status === 'False' ? ['bad', condition('Reconciling').status === 'True' ? 'Not ready, retrying' : 'Not ready']
    : ['unknown', 'Unknown'];
  return is;
}

// --- top and notices

function drawTop(is) {
  put($('title'), data.status ? (is.stack ? `${is.stack} on ${is.host}` : is.host) : 'Connecting …');
  const word = away ? `Not connected, was: ${is.word}` : is.word;
  mark($('overall'), away ? 'unknown' : is.tone, word);
  const title = data.status ? `${word}: ${$('title').textContent} – vigie` : 'vigie';
  if (document.title !== title) document.title = title;
}

function drawNotices(is) {
  const notices = [];
  const { applying } = is;
  if (applying) {
    notices.push({ key: 'applying', tone: 'busy', title: `${applying.repair === true ? 'Repairing drift from' : 'Applying'} revision ${brief(String(applying.revision ?? ''))}`,
      text: `Step: ${applying.step || 'starting'}`, times: [['Started ', applying.since, ','], [' this step started ', applying.stepSince, '.']] });
  } else if (is.stalled) notices.push({ key: 'stalled', tone: 'bad', title: 'Stalled: it needs a new commit or an operator', text: is.ready.message });
  else if (!is.suspended && !is.waiting && is.ready.status === 'False' && is.ready.reason !== 'ChangePending' && !is.approval) {
    notices.push({ key: 'failing', tone: 'bad', title: 'Not ready; the controller retries by itself', text: is.ready.message });
  }
  if (is.waiting) {
    notices.push({ key: 'waiting', tone: 'warn', title: 'A change is applied and waits for confirmation', text: is.ready.message,
      times: [['Rolled back ', is.status.waiting?.deadline, ' unless it is confirmed.']] });
  }
  if (is.suspended) notices.push({ key: 'suspended', tone: 'paused', title: 'Suspended: the controller changes nothing on this host', text: is.why });
  if (is.approval) {
    notices.push({ key: 'approval', tone: 'warn', title: `${plural(is.acting.length, 'change')} to approve`,
      text: 'They are listed below under “Pending changes”.' });
  }
  is.noticed = Boolean(applying) || notices.some(each => each.text === is.ready.message);
  sync($('notices'), notices, each => each.key, () => el('div.notice', el('strong'), el('p', el('span')), el('p')), (node, each) => {
    attribute(node, 'data-tone', each.tone);
    mark(node.firstChild, each.tone, each.title);
    prose(node.querySelector('p > span'), each.text, each.title);
    sync(node.lastChild, (each.times ?? []).filter(([, iso]) => iso), ([before]) => before,
      ([before, , after]) => el('span', before, el('time'), after), (span, [, iso]) => when(span.querySelector('time'), iso));
  });
}

// --- state

const GOOD = { Reconciling: 'False', Stalled: 'False' };

function toneOf(condition) {
  if (condition.status === 'Unknown') return 'unknown';
  if (condition.status === (GOOD[condition.type] ?? 'True')) return condition.type in GOOD ? 'off' : 'ok';
  return condition.type === 'Reconciling' ? 'busy' : 'bad';
}

const MODES = { auto: 'applied automatically (auto)', manual: 'applied after approval (manual)', report: 'only reported (report)' };

function drawState(is) {
  const { lastAppliedRevision: applied, lastAttemptedRevision: tip, inventory } = is.status;
  /** Whoever made the commit wrote it. */
  const about = (term, note, revision) => (note && note.revision === revision
    ? [[term, `${note.subject || '(no subject)'} — ${note.author || '(no author)'}${Number.isNaN(Date.parse(note.time)) ? '' : `, ${absolute(note.time)}`}`]] : []);
  const time = (term, iso, more) => (typeof iso === 'string' && iso ? [[term, '', { time: iso, ...more }]] : []);
  facts($('facts'), !is.known ? [] : [
    ['Applied', applied ? brief(applied) : 'nothing yet', { title: applied }],
    ...about('Commit', is.status.applied, applied),
    ['Tip', !tip ? 'unknown' : tip === applied ? 'the same revision' : brief(tip), { title: tip }],
    ...(tip === applied ? [] : about('Tip commit', is.status.tip, tip)),
    ...(Object.hasOwn(MODES, is.mode) ? [['Changes are', MODES[is.mode]]] : []),
    ['Managed', plural(Array.isArray(inventory) ? inventory.length : 0, 'resource'), { href: '#resources' }],
    ...time('Git last answered', is.status.lastContactAt),
    ...time('Next fetch', is.status.nextPollAt, { due: true }),
    ...time('Host observed', is.status.observedAt),
    ...time('Running since', is.status.startedAt),
    ...(is.status.version ? [['Version', is.status.version]] : [])]);
  show($('no-state'), !is.known);
  put($('no-state'), missing('status', 'No status has been received yet.'));
  sync($('conditions'), is.conditions, each => String(each.type), () => el('li',
    el('div.head', el('span.sign'), el('span.name'), el('span.value'), el('time')), el('span.text')), (node, each) => {
    const [mark, name, value, time] = parts(node, '.sign', '.name', '.value', 'time');
    sign(mark, toneOf(each));
    put(name, shown(each.type));
    put(value, each.status === 'True' ? 'yes' : each.status === 'False' ? 'no' : 'unknown');
    when(time, each.lastTransitionTime);
    // Ready's reason and message stand in Reconciling and Stalled again; once is enough.
    const told = each.type !== 'Ready' && each.message === is.ready.message && each.reason === is.ready.reason;
    const message = each.type === 'Ready' && is.noticed ? 'see above' : each.message;
    const text = node.lastChild;
    prose(text, told ? '' : [each.reason, message].filter(Boolean).join(': '), `${each.type}, in full`);
    show(text, !told && text.textContent !== '');
  });
}

// --- topology

const HEALTH = { healthy: ['ok', 'healthy'], unhealthy: ['bad', 'not healthy'], unknown: ['unknown', 'not observed from this host'] };
const LINKS = { up: ['ok', 'up'], silent: ['bad', 'stale'], unknown: ['unknown', 'not observed'] };
const known = (table, value) => table[Object.hasOwn(table, value) ? value : 'unknown'];

function sign(node, tone) {
  if (node.dataset.tone === tone) return;
  node.dataset.tone = tone;
  node.replaceChildren(icon(tone));
}

/** An address that a browser may be sent to, or nothing. A loopback address is that of whoever looks. */
function webAddress(url) {
  try {
    const parsed = new URL(String(url));
    const loopback = name => /^(localhost|127\..*|\[::1\])$/.test(name);
    return ['http:', 'https:'].includes(parsed.protocol) && (!loopback(parsed.hostname) || loopback(location.hostname)) ? parsed.href : null;
  } catch { return null; }
}

/** What another host's controller said of itself: [tone, words]. */
function saidOf(controller) {
  const revision = controller.lastAppliedRevision ? ` at ${brief(String(controller.lastAppliedRevision))}` : '';
  return controller.answered !== true ? ['unknown', `its controller does not answer: ${shown(controller.problem)}`]
    : controller.ready === 'True' ? ['ok', `ready${revision}`]
    : controller.ready === 'False' ? ['bad', `not ready${revision}: ${shown(controller.message)}`] : ['unknown', `unknown${revision}: ${shown(controller.message)}`];
}

function drawHost(node, host, components, wrong, link) {
  if (!node.firstChild) {
    node.append(el('header', el('h3.text'), el('span.tag', 'this host'), el('span.muted.text')), el('p.ctrl', el('span.mark.text'), ' ', el('time')), el('ul.parts'));
  }
  const said = host.controller && typeof host.controller === 'object' ? host.controller : null;
  const ctrl = node.querySelector('.ctrl');
  show(ctrl, Boolean(said));
  if (said) {
    const [tone, words] = saidOf(said);
    attribute(ctrl.firstChild, 'data-tone', tone);
    mark(ctrl.firstChild, tone, words);
    when(ctrl.lastChild, said.askedAt);
  }
  const [name, tag, where, ul] = parts(node, 'h3', '.tag', '.muted', '.parts');
  node.classList.toggle('self', Boolean(host.self));
  put(name, shown(host.name));
  show(tag, Boolean(host.self));
  put(where, [host.address, host.endpoint ? `endpoint ${host.endpoint}` : 'behind NAT',
    link?.endpointUsed === false && `now at ${link.liveEndpoint}`].filter(Boolean).map(shown).join(' · '));
  attribute(ul, 'aria-label', `Runs on ${shown(host.name)}`);
  sync(ul, components, each => `${each.project}/${each.name}`, () => el('li', el('span.sign'),
    el('div', el('span.name.text'), ' ', el('span'), ' ', el('a', 'open'), el('span.detail.text'), el('span.wrong.text'))), (li, each) => {
    const [mark, title, word, detail, errors] = parts(li, '.sign', '.name', '.name + span', '.detail', '.wrong');
    const [tone, health] = known(HEALTH, each.health);
    sign(mark, tone);
    put(title, shown(each.name));
    put(word, health);
    const url = webAddress(each.url);
    const a = li.querySelector('a');
    show(a, url !== null);
    for (const [key, value] of [['href', url], ['rel', 'noopener noreferrer'], ['target', '_blank'], ['aria-label', `Open ${shown(each.name)} on ${shown(host.name)}`]]) {
      attribute(a, key, url === null ? null : value);
    }
    const bad = tone === 'bad';
    put(detail, [each.kind !== each.name && each.kind, each.project && `project ${each.project}`, !bad && each.detail].filter(Boolean).map(shown).join(', '));
    put(errors, [bad && each.detail, ...wrong(each)].filter(Boolean).map(shown).join('\n'));
  });
}

function drawTopology() {
  const topology = data.topology ?? {};
  const hosts = list(topology.hosts);
  const components = list(topology.components);
  const jobs = list(topology.targets);
  const { interface: wg, observed } = topology.tunnel ?? {};
  const links = new Map(list(topology.tunnel?.peers).map(each => [each.host, { ...each, state: !observed ? 'unknown' : each.alive ? 'up' : 'silent' }]));
  const self = hosts.find(each => each.self);
  const peers = hosts.filter(each => each !== self && links.has(each.name));
  const others = hosts.filter(each => each !== self && !links.has(each.name));
  const on = host => components.filter(each => each.host === host.name);
  // A component's own job bears its name; Prometheus tells of the others.
  const named = new Set(components.map(each => each.name));
  const wrong = component => jobs.filter(job => job.job === component.name || (component.kind === 'prometheus' && !named.has(job.job)))
    .flatMap(job => list(job.down).map(each => `${job.job === component.name ? '' : `${job.job} at `}${each.instance}: ${each.error || 'down'}`));

  const silent = peers.filter(each => links.get(each.name).state === 'silent').map(each => shown(each.name));
  const heard = peers.filter(each => links.get(each.name).state === 'up').length;
  const up = jobs.filter(each => each.health === 'up').length;
  const sentences = !hosts.length ? [missing('topology', 'No topology has been received yet.')] : [
    `${plural(hosts.length, 'host')}, ${plural(components.length, 'component')}.`,
    !peers.length ? 'This host has no tunnel.' : !observed ? 'The tunnel is not observed.'
      : `Tunnel: ${heard} of ${plural(peers.length, 'peer')} with a recent handshake${silent.length
        ? `; stale: ${joined(silent.length > 5 ? [...silent.slice(0, 5), `${silent.length - 5} more`] : silent)}` : ''}.`,
    jobs.length ? `Prometheus: ${up} of ${plural(jobs.length, 'job')} up.` : ''];
  put($('topology-summary'), sentences.filter(Boolean).join(' '));

  show($('map'), Boolean(self));
  attribute($('map'), 'class', `map ${!peers.length ? 'alone' : peers.length > MANY ? 'many' : 'tree'}`);
  if (self) {
    sync($('here'), [self], each => each.name, () => el('article.host'), (node, each) => drawHost(node, each, on(each), wrong));
  }
  sync($('peers'), peers, each => each.name, () => el('li', el('p.link', el('span.what'), el('span.line'), el('span.age',
    el('span'), el('time'))), el('article.host')), (node, each) => {
    const link = links.get(each.name);
    const [p, what, word, time, card] = parts(node, '.link', '.what', '.age > span', 'time', '.host');
    const [tone, state] = known(LINKS, link.state);
    attribute(p, 'data-tone', tone);
    put(what, `${shown(wg)} ${state}`);
    put(word, link.lastHandshake ? 'handshake ' : observed ? 'no handshake yet' : '');
    show(time, Boolean(link.lastHandshake));
    if (link.lastHandshake) when(time, link.lastHandshake);
    drawHost(card, each, on(each), wrong, link);
  });
  show($('beyond'), others.length > 0);
  put($('beyond').firstElementChild, self && peers.length ? 'Not connected to this host by the tunnel' : 'Other hosts');
  sync($('others'), others, each => each.name, () => el('li', el('article.host')),
    (node, each) => drawHost(node.firstChild, each, on(each), wrong));
}

// --- containers

/** [tone, words] of a container's state. */
function containerState({ state, health, exitCode }) {
  if (state === 'running') return health === 'unhealthy' ? ['bad', 'running, unhealthy'] : health === 'starting' ? ['busy', 'running, starting'] : ['ok', health ? 'running, healthy' : 'running'];
  if (state === 'exited') return [exitCode === 0 ? 'off' : 'bad', `exited (${Number(exitCode)})`];
  return known({ restarting: ['bad', 'restarting'], dead: ['bad', 'dead'], paused: ['paused', 'paused'], created: ['off', 'created'], unknown: ['unknown', shown(state) || 'unknown'] }, state);
}

/** Reads what a container wrote last, when somebody asks for it. */
async function readLog(box, id) {
  const [words, lines] = parts(box, '.said', '.text');
  const tell = (tone, text) => { attribute(words, 'data-tone', tone); put(words, text); };
  if (!token) return tell('warn', 'The output of containers may contain secrets: paste the token under “Actions”, then read again.');
  tell('unknown', 'Reading …');
  try {
    const answer = await ask(`containers/${encodeURIComponent(id)}/logs?lines=50`, { headers: { Authorization: `Bearer ${token}` } });
    const all = Array.isArray(answer?.body?.lines) ? answer.body.lines.map(String) : [];
    put(lines, all.map(shown).join('\n'));
    show(lines, all.length > 0);
    tell('ok', all.length ? `The last ${plural(all.length, 'line')}, read at ${absolute(now()).slice(11)}; what looks like a secret is masked.` : 'The container has no output.');
    lines.scrollTop = lines.scrollHeight;
  } catch (error) {
    tell('bad', error instanceof Refused ? `${error.message}${error.hint ? `\n${error.hint}` : ''}` : 'The controller does not answer.');
  }
}

/** `holder.box`: the id of the container that the buttons ask about. */
function logBox(name) {
  const read = el('button', 'Read again');
  read.type = 'button';
  const lines = el('span.text.lines');
  for (const [key, value] of [['tabindex', '0'], ['role', 'region'], ['aria-label', `Output of ${name}`]]) lines.setAttribute(key, value);
  lines.hidden = true;
  const details = el('details', el('summary', 'Last lines'), el('div.log', el('p.said'), lines, read));
  read.addEventListener('click', () => readLog(details, details.box));
  details.addEventListener('toggle', () => { if (details.open) readLog(details, details.box); });
  return details;
}

function drawContainers() {
  const answer = data.containers ?? {};
  const containers = list(answer.containers);
  const problems = list(answer.problems);
  show($('boxes'), containers.length > 0);
  const ill = containers.filter(each => containerState(each)[0] === 'bad').length;
  put($('containers-summary'), !data.containers ? missing('containers', 'No containers have been received yet.') : !containers.length
    ? (problems.length ? '' : 'No container of the document’s projects was found on this host.')
    : `${plural(containers.length, 'container')}${ill ? `, ${ill} with problems` : ''}.`);
  sync($('containers-notes'), problems, each => String(each.project), () => el('li', icon('warn'), el('span.text')),
    (node, each) => put(node.lastChild, shown(`Project ${each.project}: ${each.problem}`)));
  sync($('boxes').tBodies[0], containers, each => String(each.id), each => {
    const name = shown(each.name || each.service);
    return row(el('div', el('span.name.text'), el('span.detail.text')), el('span.mark'), el('div', el('time'), el('div.times')), el('div', el('code.text'), logBox(name)));
  }, (tr, each) => {
    const [name, detail, state, time, times, image, details] = parts(tr, '.name', '.detail', '.mark', 'time', '.times', 'code', 'details');
    put(name, shown(each.name || each.service || each.id));
    put(detail, shown([`project ${each.project}`, each.service !== each.name && `service ${each.service}`, each.managed !== true && 'not rendered by vigie'].filter(Boolean).join(', ')));
    const [tone, words] = containerState(each);
    mark(state, tone, words);
    show(time, typeof each.startedAt === 'string');
    if (typeof each.startedAt === 'string') when(time, each.startedAt);
    put(times, each.restarts > 0 ? plural(Number(each.restarts), 'restart') : '');
    put(image, shown(each.image || 'image not inspected'));
    details.box = String(each.id);
  });
}

// --- plan

const ACTIONS = {
  refuse: ['bad', '!'], delete: ['bad', '−'], recreate: ['warn', '#'], restart: ['warn', '#'], release: ['busy', '<'], create: ['ok', '+'],
  update: ['warn', '~'], adopt: ['busy', '='], reload: ['busy', '@'], drift: ['unknown', '?'] };
const counted = changes => Object.keys(ACTIONS).map(is => [changes.filter(each => each.action === is).length, is]).filter(([n]) => n)
  .map(([n, is]) => `${n} ${{ drift: 'only reported', refuse: 'refused' }[is] ?? `to ${is}`}`).join(', ');

/** What the plan without a change says. The host is as the document says only when the plan is that of the tip, and the tip is applied. */
function nothingToDo(is, unchanged) {
  const { lastAppliedRevision: applied, lastAttemptedRevision: tip } = is.status;
  const looked = `${plural(unchanged.length, 'resource')} compared`;
  const at = is.plan.revision;
  if (is.note || (tip && at && at !== tip)) {
    return `At ${at && at === applied ? 'the applied revision' : 'revision'} ${brief(String(at || 'unknown'))} there is nothing to change: ${looked}.`;
  }
  return tip && applied && tip !== applied ? `No change is planned for the tip, which is not applied yet (${shown(is.ready.reason) || 'the reason is unknown'}): ${looked}.`
    : `Nothing to change: ${looked}, the host matches the document.`;
}

function drawPlan(is) {
  const all = list(is.plan?.changes);
  const changes = all.filter(each => each.action !== 'none');
  const unchanged = all.filter(each => each.action === 'none');
  const under = is.applying && changes.length ? ' They are being applied now.' : '';
  put($('plan-summary'), !is.plan ? missing('plan', 'There is no plan yet.')
    : !changes.length ? nothingToDo(is, unchanged)
    : `${counted(changes)}. Plan ${shown(is.digest.slice(0, 12))}${is.plan.revision ? ' of revision ' + brief(is.plan.revision) : ''}.${under}`);
  sync($('plan-notes'), [...(is.note ? [is.note] : []), ...(Array.isArray(is.plan?.notes) ? is.plan.notes : [])].map(text => ({ text })), each => each.text,
    () => el('li', icon('warn'), el('span.text')), (node, each) => put(node.lastChild, shown(each.text)));
  sync($('plan'), changes, each => `${each.id} ${each.diff ? 'with' : 'without'}`, each => {
    const row = [el('span.badge'), el('span.id.text'), el('span.reason.text')];
    return el('li', each.diff ? el('details', el('summary', el('span.arrow'), ...row)) : el('div.flat', el('span'), ...row));
  }, (node, each) => {
    const [badge, id, reason, details] = parts(node, '.badge', '.id', '.reason', 'details');
    const [tone, sign] = known({ ...ACTIONS, unknown: ['unknown', '?'] }, each.action);
    attribute(badge, 'data-tone', tone);
    put(badge, `${sign} ${shown(each.action)}`);
    put(id, shown(each.id));
    const text = shown(each.reason) + (each.reversible === false ? ' ' : '');
    if (reason.said !== text) {
      reason.said = text;
      reason.replaceChildren(text, ...(each.reversible === false ? [el('span.once', 'Not reversible.')] : []));
    }
    if (details) lazyDiff(details, `Difference of ${shown(each.id)}`, each.diff);
  });
}

// --- resources

/** A resource's state in words, out of what the plan says of it. */
function stateOf(change) {
  const { action, reason } = change;
  if (action === 'none' && /^ignored\b/.test(reason)) return ['off', 'ignored'];
  return known({ none: ['ok', 'as it should be'], drift: ['warn', 'differs, only reported'], create: ['warn', 'to create'], update: ['warn', 'to update'],
    adopt: ['busy', 'to adopt'], reload: ['busy', 'to reload'], recreate: ['warn', 'to recreate'], restart: ['warn', 'to restart'], delete: ['warn', 'to delete'], release: ['busy', 'to release'],
    refuse: ['bad', 'refused'], unknown: ['unknown', shown(action) || 'unknown'] }, action);
}

function drawResources(is) {
  const changes = list(is.plan?.changes);
  const planned = new Set(changes.map(each => each.id));
  const others = (Array.isArray(is.status.inventory) ? is.status.inventory : []).filter(id => typeof id === 'string' && !planned.has(id))
    .map(id => ({ id, state: is.locked ? ['off', 'managed'] : ['unknown', is.plan ? 'managed, not in the plan' : 'managed, not compared'], reason: '' }));
  const all = [...changes.map(each => ({ id: String(each.id), state: stateOf(each), reason: String(each.reason ?? '') })), ...others];
  const sums = new Map();
  for (const { state: [, word] } of all) sums.set(word, (sums.get(word) ?? 0) + 1);
  const wanted = $('filter').value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter(({ id, state: [, word], reason }) => wanted.every(each => `${id} ${word} ${reason}`.toLowerCase().includes(each)));
  put($('resources-summary'), !all.length ? missing('plan', 'Nothing is managed yet.')
    : `${plural(all.length, 'resource')}: ${[...sums].map(([word, n]) => `${n} ${word}`).join(', ')}.${is.locked ? ' Differences are shown with the token only.' : ''}`);
  show($('find'), all.length > 0);
  put($('found'), wanted.length ? `${found.length} of ${all.length} shown` : '');
  show($('all'), found.length > 0);
  sync($('all'), found, each => each.id, () => el('li', el('span.mark'), el('div', el('span.id.text'), el('span.reason.text'))), (node, each) => {
    const [state, id, reason] = parts(node, '.mark', '.id', '.reason');
    mark(state, ...each.state);
    attribute(state, 'data-tone', each.state[0]);
    put(id, shown(each.id));
    const told = ['as it should be', each.state[1]].includes(each.reason) ? '' : shown(each.reason);
    put(reason, told);
    show(reason, told !== '');
  });
}

// --- history and events

const RESULTS = { Applied: 'ok', Repaired: 'ok', Failed: 'bad', Refused: 'bad', RolledBack: 'warn', WaitingForPeer: 'warn', Uninstalled: 'off' };

/** Narrow screens lay tables out as blocks, which takes their meaning away; roles give it back. */
const ROLES = { TABLE: 'table', THEAD: 'rowgroup', TBODY: 'rowgroup', TR: 'row', TH: 'columnheader', TD: 'cell' };

function withRoles(node) {
  for (const each of [node, ...node.querySelectorAll('*')]) if (ROLES[each.tagName]) each.setAttribute('role', ROLES[each.tagName]);
  return node;
}

const row = (...cells) => withRoles(el('tr', ...cells.map(each => el('td', each))));

function drawTable(id, topic, items, none) {
  show($(id), items.length > 0);
  put($(`${topic}-summary`), items.length ? '' : missing(topic, none));
}

/** How often, and when for the first time. */
function fillTimes(node, count, first) {
  const many = count > 1;
  if (!node.firstChild) node.append(el('span'), el('time'));
  put(node.firstChild, many ? `${count} times, first ` : '');
  show(node, many);
  if (many) when(node.lastChild, first);
}

/** Attempts, newest first, one below the other: the same again is counted. */
function counting(attempts) {
  const out = [];
  for (const each of attempts) {
    const last = out[out.length - 1];
    if (last && ['revision', 'result', 'message', 'plan'].every(key => last[key] === each[key])) {
      last.count += 1;
      last.first = each.time;
    } else out.push({ ...each, count: 1, first: each.time });
  }
  return out;
}

function drawHistory(is) {
  const attempts = counting(list(data.history?.history ?? is.status.history));
  drawTable('attempts', 'history', attempts, 'Nothing has been applied on this host yet.');
  if (attempts.length && data.history?.diffs === false) put($('history-summary'), 'Changes inside files are shown with the token only.');
  sync($('attempts').tBodies[0], attempts, each => `${each.first} ${each.revision} ${each.result}`,
    () => row(el('div', el('time'), el('div.times')), el('span.mark'), el('code'), el('div', el('span.text'))), (tr, each) => {
      const [time, times, result, revision, text] = parts(tr, 'time', '.times', '.mark', 'code', '.text');
      when(time, each.time);
      fillTimes(times, each.count, each.first);
      mark(result, known({ ...RESULTS, unknown: 'unknown' }, each.result), shown(each.result || 'unknown'));
      put(revision, each.revision ? brief(each.revision) : 'a directory');
      attribute(revision, 'title', shown(each.revision));
      prose(text, each.message || String(each.plan ?? '').trim().split('\n').pop(), 'What happened, in full');
      if (!each.plan) return;
      const details = tr.querySelector('details') ?? text.parentNode.appendChild(el('details', el('summary', 'Changes')));
      lazyDiff(details, `Changes, ${shown(each.time)}`, String(each.plan), 4);
    });
}

function drawEvents() {
  const events = list(data.events?.events);
  drawTable('happened', 'events', events, 'No events yet.');
  sync($('happened').tBodies[0], events, each => `${each.firstTimestamp} ${each.reason} ${each.message}`,
    () => row(el('div', el('time'), el('div.times')), el('span.mark'), el('span.text'), el('span.text')), (tr, each) => {
      const [time, times, type] = parts(tr, 'time', '.times', '.mark');
      when(time, each.lastTimestamp);
      fillTimes(times, each.count, each.firstTimestamp);
      mark(type, each.type === 'Warning' ? 'warn' : each.type === 'Normal' ? 'ok' : 'unknown', shown(each.type || 'unknown'));
      put(tr.cells[2].firstChild, shown(each.reason));
      prose(tr.cells[3].firstChild, each.message ?? '', `${shown(each.reason)}, in full`);
    });
}

// --- actions

let busy = '';        // the action that is on its way
let away = null;      // since when nobody answers
let request = 0;      // of ours, whose look is not over yet

/** For each action: why it cannot be done (or nothing), what it does, what is asked before, and the request. */
const DEEDS = {
  reconcile: {
    label: () => 'Reconcile',
    blocked: () => '',
    does: () => 'Fetches the repository and reconciles this host now.',
    send: () => ['reconcile', {}],
    done: 'The controller reconciles this host now.',
  },
  approve: {
    label: () => 'Approve…',
    blocked: is => (is.applying ? 'A change is being applied now.' : is.approval ? (is.refused.length ? `The plan has ${plural(is.refused.length, 'refusal')}; resolve them first.` : '')
      : is.mode === 'report' || is.ready.reason === 'ChangePending' ? 'This host only reports (apply.mode is report).'
      : is.suspended ? 'Suspended: resume first.'
      : is.waiting ? 'A change must be confirmed first.'
      : is.locked && is.mode === 'manual' ? 'The plan is shown with the token only; paste the token first.'
      : is.mode === 'auto' ? 'Changes are applied automatically on this host (apply.mode is auto).' : 'Nothing waits for approval.'),
    does: is => `Applies the plan: ${counted(is.acting)}.`,
    ask: is => ({
      title: 'Approve this plan?', text: 'The plan is applied as one transaction, and rolled back if it fails.',
      facts: [['Changes', counted(is.acting)], ['Revision', is.plan.revision || 'a directory'], ['Digest', is.digest]],
      warnings: is.acting.filter(each => each.reversible === false).map(each => `Not reversible: ${each.action} ${each.id}`),
      yes: 'Approve', about: is.digest,
      stale: later => (later.digest !== is.digest ? 'The plan has changed meanwhile. Cancel, and review it again.' : '') }),
    send: asked => ['approve', { digest: asked.about }],
    done: 'Approved. The controller applies the plan now.',
  },
  confirm: {
    label: () => 'Confirm…',
    blocked: is => (is.waiting ? '' : 'No change waits for confirmation.'),
    does: () => 'Keeps the applied change.',
    ask: is => ({
      title: 'Keep this change?', text: 'Confirm only after checking that you can still reach this host; without a confirmation, the change is rolled back automatically.',
      facts: [['Waiting', is.ready.message]], warnings: [], yes: 'Confirm',
      stale: later => (later.waiting && later.ready.message === is.ready.message ? '' : 'The change was confirmed or rolled back meanwhile.') }),
    send: () => ['confirm', {}],
    done: 'Confirmed.',
  },
  suspend: {
    label: is => (is.suspended ? 'Resume…' : 'Suspend…'),
    blocked: () => '',
    does: is => (is.suspended ? 'Lets the controller change this host again.' : 'The controller changes nothing on this host until it is resumed.'),
    ask: is => (is.suspended ? {
      title: 'Resume?', text: 'Differences from the document are applied again.', facts: [['Pending', counted(is.acting) || 'nothing']],
      warnings: [], yes: 'Resume', about: 'resume', stale: later => (later.suspended ? '' : 'The controller is no longer suspended.') } : {
      title: 'Suspend?', text: 'The controller continues to observe and report, and changes nothing on this host.', facts: [], warnings: [],
      field: 'Reason (shown in the status)', yes: 'Suspend', about: 'suspend',
      stale: later => (later.suspended ? 'The controller is already suspended.' : '') }),
    send: asked => (asked.about === 'resume' ? ['resume', {}] : ['suspend', asked.input ? { reason: asked.input } : {}]),
    done: asked => (asked.about === 'resume' ? 'Resumed.' : 'Suspended.'),
  },
  rollback: {
    label: () => 'Roll back…',
    blocked: is => (is.status.lastAppliedRevision || is.waiting ? '' : 'Nothing has been applied on this host yet.'),
    does: is => (is.waiting ? 'Rolls back the unconfirmed change now.' : 'Applies an earlier generation again, and suspends.'),
    ask: async is => {
      const { generations, why } = is.waiting ? { generations: [], why: '' } : await generationsToGoTo();
      const applied = is.status.lastAppliedRevision;
      const goesTo = each => [['Roll back to', each ? `generation ${each.number}, revision ${each.revision || '(a directory)'}` : 'the generation before'],
        ...(each?.time ? [['Applied at', '', { time: String(each.time) }]] : []), ['Applied now', applied || 'nothing yet']];
      const choice = generations.map(each => ({ value: String(each.number), each,
        label: `${each.number}: ${brief(String(each.revision || 'a directory'))}, ${Number.isNaN(Date.parse(each.time)) ? 'at an unknown time' : `${relative(Date.parse(each.time))} (${absolute(each.time)})`}` }));
      return {
        title: 'Roll back?', text: is.waiting ? 'The unconfirmed change is rolled back now.'
          : 'The earlier generation is applied again, and the controller is suspended.',
        choice, choose: 'Roll back to', chosen: option => ({ facts: goesTo(option.each), diff: option.each.plan ?? '' }),
        facts: is.waiting ? [['Applied now', applied || 'nothing yet']] : goesTo(null),
        warnings: [...(why ? [why] : []), 'Containers are created again: their state in memory is lost.'],
        yes: 'Roll back',
        stale: later => (later.waiting !== is.waiting || later.status.lastAppliedRevision !== applied
          ? 'The host has changed meanwhile. Cancel, and review it again.' : '') };
    },
    send: asked => ['rollback', asked.choice.length ? { to: asked.picked } : {}],
    done: 'The controller rolls back now.',
  },
};

/** What the host can go back to, newest first; nothing when this controller cannot tell, and then it is the one before. */
async function generationsToGoTo() {
  try {
    const all = list((await ask('generations'))?.body?.generations).filter(each => Number.isInteger(each.number));
    const others = all.filter(each => each.applied !== true).sort((a, b) => b.number - a.number);
    await Promise.all(others.slice(0, PREVIEWS).map(async each => {
      if (!token) return;
      const answer = await ask(`generations/${each.number}/plan`, { headers: { Authorization: `Bearer ${token}` } }).catch(() => null);
      each.plan = typeof answer?.body?.plan === 'string' ? answer.body.plan : '';
    }));
    return { generations: others, why: all.length && !others.length ? 'No other generation is kept on this host.' : '' };
  } catch (error) {
    return { generations: [], why: error instanceof Refused ? (error.status === 404 ? '' : `The generations cannot be read: ${error.message}`)
      : 'The generations cannot be read: the controller does not answer.' };
  }
}

function drawActions(is) {
  sync($('buttons'), Object.keys(DEEDS).map(name => ({ name })), each => each.name, ({ name }) => {
    const button = el('button');
    const why = el('span.why');
    button.type = 'button';
    button.id = `do-${name}`;
    why.id = `why-${name}`;
    button.setAttribute('aria-describedby', why.id);
    button.addEventListener('click', () => act(name));
    return el('li', button, why);
  }, (node, { name }) => {
    const deed = DEEDS[name];
    const blocked = blockedBecause(name, is);
    put(node.firstChild, busy === name ? 'Sending …' : deed.label(is));
    attribute(node.firstChild, 'aria-disabled', blocked ? 'true' : null);
    node.firstChild.classList.toggle('primary', !blocked && ((name === 'approve' && is.approval) || (name === 'confirm' && is.waiting)));
    put(node.lastChild, busy === name ? '' : blocked || deed.does(is));
  });
}

function blockedBecause(name, is) {
  return away || !data.status ? 'The controller does not answer.' : busy ? 'Something is on its way.' : DEEDS[name].blocked(is);
}

function say(tone, text) {
  $('said').dataset.tone = tone;
  // The same words again are news as well.
  $('said').textContent = '';
  setTimeout(() => put($('said'), text), 50);
}

/** The first option is chosen; each says what it would do. */
function setUpChoice(asked) {
  const options = asked.choice ?? [];
  const select = $('ask-select');
  show($('ask-choice'), options.length > 0);
  put($('ask-choice').firstElementChild, asked.choose ?? '');
  select.replaceChildren(...options.map(({ value, label }) => {
    const option = el('option', label);
    option.value = value;
    return option;
  }));
  const choose = () => {
    const option = options.find(each => each.value === select.value);
    const { facts: all, diff } = option ? asked.chosen(option) : { facts: asked.facts, diff: '' };
    asked.picked = option?.value ?? '';
    facts($('ask-facts'), all);
    show($('ask-diff'), diff !== '');
    fillDiff($('ask-diff'), 'What would change', diff, 0);
  };
  select.onchange = choose;
  choose();
}

/** Resolves with what was asked, and the input in it; with null when it was cancelled. */
function confirmed(asked) {
  const dialog = $('ask');
  put($('ask-title'), asked.title);
  put($('ask-text'), asked.text);
  facts($('ask-facts'), asked.facts);
  setUpChoice(asked);
  sync($('ask-warnings'), asked.warnings.map(text => ({ text })), each => each.text, () => el('li', icon('warn'), el('span.text')),
    (node, each) => put(node.lastChild, shown(each.text)));
  show($('ask-field'), Boolean(asked.field));
  put($('ask-field').firstElementChild, asked.field ?? '');
  $('ask-input').value = '';
  put($('ask-yes'), asked.yes);
  dialog.asked = asked;
  checkDialog(situation());
  dialog.returnValue = 'no';
  dialog.showModal();
  (asked.field ? $('ask-input') : asked.choice?.length ? $('ask-select') : $('ask-no')).focus();
  return new Promise(resolve => dialog.addEventListener('close', () => {
    dialog.asked = null;
    resolve(dialog.returnValue === 'yes' && !asked.gone ? { ...asked, input: $('ask-input').value.trim() } : null);
  }, { once: true }));
}

/** What is asked may be over while somebody thinks about it. */
function checkDialog(is) {
  const asked = $('ask').asked;
  if (!asked) return;
  asked.gone = away ? 'The controller does not answer.' : asked.stale(is);
  put($('ask-stale'), asked.gone);
  attribute($('ask-yes'), 'aria-disabled', asked.gone ? 'true' : null);
}

async function act(name) {
  const is = situation();
  const deed = DEEDS[name];
  const blocked = blockedBecause(name, is);
  if (blocked) return say('unknown', blocked);
  if (!token) {
    tokenState('bad', 'Paste the token first, then press the button again.');
    say('warn', `${deed.label(is).replace('…', '')}: this needs the token of this controller.`);
    return $('token-field').focus();
  }
  const question = deed.ask ? await deed.ask(is) : null;
  if ($('ask').open) return;  // pressed twice
  const asked = question ? await confirmed(question) : {};
  if (!asked) return say('unknown', 'Cancelled; nothing was sent.');
  busy = name;
  draw();
  try {
    const [path, body] = deed.send(asked);
    const answer = await ask(path, { method: 'POST', body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` } });
    tokenState('ok', 'The controller accepts this token.');
    delete locked.plan;
    const done = typeof deed.done === 'function' ? deed.done(asked) : deed.done;
    request = Number(answer?.body?.request) || 0;
    say('ok', done);
  } catch (error) {
    if (error instanceof Refused && error.status === 401) {
      say('bad', 'Nothing was done: the controller does not accept this token.');
      tokenState('bad', 'This is not the controller’s token. Paste the content of the file that http.tokenFile names, and try again.');
      $('token-field').focus();
      $('token-field').select();
    } else if (error instanceof Refused) {
      say('bad', `Not done: ${error.message}${error.hint ? `\n${error.hint}` : ''}`);
    } else {
      say('bad', 'The controller did not answer; check the state when it answers again.');
    }
  } finally {
    busy = '';
    draw();
    soon();
  }
}

// --- token

const KEY = 'vigie-token';

function stored(use) {
  try { return use(sessionStorage); } catch { return null; }  // storage may be forbidden
}

function keepToken() {
  stored(storage => ($('token-keep').checked && token ? storage.setItem(KEY, token) : storage.removeItem(KEY)));
}

function tokenState(tone, text) {
  $('token-state').dataset.tone = tone;
  put($('token-state'), text);
  attribute($('token-field'), 'aria-invalid', tone === 'bad' ? 'true' : null);
}

function takeToken(text) {
  // A token is visible ASCII; anything else was copied along with it.
  token = text.trim();
  const odd = /[^\x21-\x7e]/.test(token);
  if (odd) token = '';
  keepToken();
  tokenState(odd ? 'bad' : 'unknown', odd ? 'This contains characters that a token cannot have: copy the only line of the file.'
    : token ? 'The next action uses this token.' : '');
  if (seen) soon();  // it may show more
}

function setUpToken() {
  const kept = stored(storage => storage.getItem(KEY));
  if (kept) {
    $('token-keep').checked = true;
    $('token-field').value = kept;
    takeToken(kept);
  }
  $('token-field').addEventListener('input', () => takeToken($('token-field').value));
  $('token-keep').addEventListener('change', keepToken);
  $('token').addEventListener('submit', event => event.preventDefault());
  $('token-forget').addEventListener('click', () => {
    $('token-field').value = '';
    $('token-keep').checked = false;
    takeToken('');
    say('unknown', 'The token is removed from this page.');
  });
}

// --- the loop

let timer = 0;
let failures = 0;
let looking = false;
let again = false;
let told = '';
let seen = 0;  // when the controller answered last

function draw() {
  const is = situation();
  drawTop(is);
  drawNotices(is);
  drawState(is);
  drawActions(is);
  drawTopology();
  drawContainers();
  drawPlan(is);
  drawResources(is);
  drawHistory(is);
  drawEvents();
  checkDialog(is);
  const answered = request && is.status.lastHandledRequest >= request;
  if (answered) request = 0;
  const news = is.known && told && told !== is.word;
  if (answered || news) say(is.tone, `${answered ? 'The pass has ended' : 'The state changed'}: ${is.word}. ${shown(is.ready.message).split('\n')[0]}`);
  if (is.known) told = is.word;
}

function drawAway() {
  show($('away'), Boolean(away));
  if (!away) return $('away').replaceChildren();
  if ($('away').firstChild) return;  // said once
  const retry = el('button', 'Try now');
  retry.type = 'button';
  retry.addEventListener('click', () => { failures = 0; lookAround(); });
  const time = el('time');
  when(time, new Date(away + skew).toISOString());
  const title = el('strong');
  mark(title, 'bad', `Not connected since ${absolute(away).slice(11)}`);
  $('away').append(title, el('p.text', 'The controller does not answer; this page retries automatically. The page shows the state of ', time, '.'), retry);
}

async function lookAround() {
  clearTimeout(timer);
  if (looking) { again = true; return; }
  looking = true;
  again = false;
  try {
    const asked = await Promise.allSettled(TOPICS.map(look));
    if (asked[0].reason) throw asked[0].reason;  // without a status, everything stays as it was
    TOPICS.forEach((topic, i) => { if (asked[i].reason) lose(topic, 'no answer'); });
    if (away) say('ok', 'The controller answers again.');
    failures = 0;
    away = null;
    seen = now();
  } catch {
    failures += 1;
    // One lost answer is no news.
    if (failures > 1 || !seen) away ??= (seen ? seen - skew : Date.now());
  }
  looking = false;
  drawAway();
  draw();
  tick();
  const pause = failures ? Math.min(SLOWEST, 1000 * 2 ** failures) * (0.8 + 0.4 * Math.random()) : data.status?.applying ? BUSY : EVERY;
  if (again) soon();
  else if (!document.hidden) timer = setTimeout(lookAround, pause);
}

/** After an action: at once, and it may take a moment to show. */
function soon() {
  clearTimeout(timer);
  timer = setTimeout(lookAround, looking ? 300 : 150);
}

function tick() {
  if (document.hidden) return;
  for (const node of document.querySelectorAll('time[datetime]')) age(node);
  put($('fresh'), away ? 'not connected' : seen ? `updated ${relative(seen)}` : '');
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) clearTimeout(timer);
  else { failures = 0; lookAround(); }
});
$('ask-no').addEventListener('click', () => $('ask').close('no'));
$('ask').addEventListener('submit', event => {
  if (event.submitter?.getAttribute('aria-disabled') === 'true') event.preventDefault();
});
$('filter').addEventListener('input', () => drawResources(situation()));
setInterval(tick, 1000);
document.querySelectorAll('table').forEach(withRoles);
setUpToken();
draw();
lookAround();
