// A portal that shows vLLM Triage in three ways. It holds a token for the metrics and hands it over in memory.
import { mount } from './embed/vllm-triage.js';

const SCHEMA = 'vllm-triage/embed/1';
const { app, prometheus, range } = await (await fetch('config.json')).json();
const source = { prometheus: new URL(prometheus, location.href).href };
const look = new URLSearchParams(location.search);
if (look.has('foreign'))
  document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: 'foreign.css' }));
const theme = look.get('theme') ?? 'system';

const newToken = async () => (await fetch('token')).json();
const log = (from, event) => {
  const item = document.createElement('li');
  const { type, says, problem, height, verdict } = event;
  item.textContent = [from, type, problem, says, height, verdict?.status, verdict?.findings[0]?.pathology]
    .filter(Boolean)
    .join(' · ');
  item.dataset.event = `${from} ${type}`;
  document.getElementById('log').append(item);
};

// 1. The module.
const panel = look.get('panel');
const mounted = mount(document.getElementById('module'), {
  source,
  range,
  theme,
  app,
  show: panel === null ? 'strip' : { panel },
  token: await newToken(),
  onEvent: async (event) => {
    log('module', event);
    if (event.type === 'token-expiring') mounted.update({ token: await newToken() });
  },
});
document.getElementById('own-button').addEventListener('click', () => mounted.unmount());

// 2. The element. What is set in one go is one change, so the first question already carries the token.
const element = document.getElementById('element');
for (const type of ['ready', 'resize', 'verdict', 'error', 'token-expiring'])
  element.addEventListener(`vllm-triage:${type}`, ({ detail }) => log('element', detail));
element.addEventListener('vllm-triage:token-expiring', async () => {
  element.token = await newToken();
});
const token = await newToken();
for (const [name, value] of Object.entries({ prometheus: source.prometheus, theme, app, ...range }))
  element.setAttribute(name, value);
element.token = token;

// 3. The frame. It is told what to read when it says that it listens.
const frame = document.getElementById('frame');
const home = new URL(app).origin;
const say = (message) => frame.contentWindow.postMessage({ schema: SCHEMA, ...message }, home);
addEventListener('message', async ({ source: from, origin, data }) => {
  if (from !== frame.contentWindow || origin !== home || data?.schema !== SCHEMA) return;
  log('frame', data);
  if (data.type === 'resize') frame.style.height = `${data.height}px`;
  if (data.type === 'token-expiring') say({ type: 'token', source, token: await newToken() });
  if (data.type !== 'ready') return;
  say({ type: 'theme', theme });
  say({ type: 'range', range });
  say({ type: 'token', source, token: await newToken() });
  say({ type: 'source', source });
});
frame.src = `${app}?embed=1`;
