// A USSD application as Africa's Talking calls one, made with npm's ussd-menu-builder, on a free port
// that is printed first. GET /sessions tells what it saw of each session.
import { createServer } from 'node:http';
import UssdMenu from 'ussd-menu-builder';

const sessions = {};

function menuFor() {
  const menu = new UssdMenu({ provider: 'africasTalking' });
  menu.sessionConfig({
    start: async (id) => { sessions[id] ??= { hops: [], kept: {}, ended: false }; },
    get: async (id, key) => sessions[id].kept[key],
    set: async (id, key, value) => { sessions[id].kept[key] = value; },
    end: async (id) => { sessions[id].ended = true; },
  });
  menu.startState({ run: () => menu.con('Register\n1 Begin\n2 Leave'), next: { 1: 'name', 2: 'leave' } });
  menu.state('leave', { run: () => menu.end('Goodbye') });
  menu.state('name', { run: () => menu.con('Your name?\n0 Back'), next: { 0: '__start__', '*^[^0].*': 'village' } });
  menu.state('village', {
    run: async () => { await menu.session.set('name', menu.val); menu.con(`Where does ${menu.val} live?`); },
    next: { '*.+': 'done' },
  });
  menu.state('done', { run: async () => menu.end(`Thank you, ${await menu.session.get('name')} of ${menu.val}`) });
  return menu;
}

async function answer(request) {
  if (request.method === 'GET') return JSON.stringify(sessions);
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
  if (request.url.endsWith('/notice')) {
    sessions[form.sessionId].notice = form;
    return '';
  }
  const said = await menuFor().run(form);
  sessions[form.sessionId].hops.push(form);
  return said;
}

const server = createServer(async (request, response) => {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8').end(await answer(request));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit()).resume(); // whoever started it is gone
