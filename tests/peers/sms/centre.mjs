// A message centre over SMPP 3.4, by npm's smpp: centre.mjs <user> <password> [port]. It prints its port,
// then a line of JSON for everything that happens, and is told by lines of JSON what to do.
import { createInterface } from 'node:readline';
import smpp from 'smpp';

const HEADER_INSIDE = 0x40; // in esm_class: the text is one part of several
const IS_RECEIPT = 0x04;
const WANTED = 0x01; // in registered_delivery

const tell = (what) => console.log(JSON.stringify(what));
const [user, password, port = '0'] = process.argv.slice(2);
const born = Date.now().toString(36); // no two lives of the centre give the same id
const parts = new Map();
const held = [];
const unconfirmed = new Map(); // reports that nobody has taken yet: the next link gets them
let link;
let taken = 0;
let throttle = 0;
let receipts = 'once'; // or: twice, held (until told to release), failed, none
const refused = new Map(); // numbers that are refused at once, each with its SMPP status

function wholeText({ phone, sender, coding, text, header }) {
  if (!header) return { phone, sender, coding, text, parts: 1 };
  const { reference, total, number } = header;
  const key = [phone, sender, reference, total].join();
  const got = parts.get(key) ?? new Map();
  parts.set(key, got.set(number, text));
  if (got.size < total) return null;
  parts.delete(key);
  const inOrder = [...got.keys()].sort((one, other) => one - other);
  return { phone, sender, coding, text: inOrder.map((each) => got.get(each)).join(''), parts: total };
}

function headerOf(elements) {
  const [short] = elements.filter(([kind]) => kind === 0x00);
  if (short) return { reference: short[2], total: short[3], number: short[4] };
  const [long] = elements.filter(([kind]) => kind === 0x08);
  return { reference: long.readUInt16BE(2), total: long[4], number: long[5] };
}

function report(id, part) {
  unconfirmed.set(id, part);
  const { phone, sender } = part;
  const moment = new Date().toISOString().replace(/\D/g, '').slice(2, 12);
  link.deliver_sm({
    esm_class: IS_RECEIPT,
    source_addr: phone,
    destination_addr: sender,
    receipted_message_id: id,
    message_state: part.failed ? 5 : 2,
    short_message: `id:${id} sub:001 dlvrd:00${part.failed ? 0 : 1} submit date:${moment} done date:${moment} `
      + `stat:${part.failed ? 'UNDELIV err:027' : 'DELIVRD err:000'} text:`,
  }, (pdu) => {
    unconfirmed.delete(id);
    tell({ receipt: id, answered: pdu.command_status });
  });
}

function submitted(session, pdu) {
  if (throttle > 0) {
    throttle -= 1;
    session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
    tell({ throttled: pdu.destination_addr });
    return;
  }
  const status = refused.get(pdu.destination_addr);
  if (status !== undefined) {
    session.send(pdu.response({ command_status: status }));
    return;
  }
  taken += 1;
  const id = `${born}-${taken}`;
  session.send(pdu.response({ message_id: id }));
  const { udh, message } = pdu.short_message;
  const part = {
    phone: pdu.destination_addr,
    sender: pdu.source_addr,
    coding: pdu.data_coding,
    text: message.toString(),
    header: pdu.esm_class & HEADER_INSIDE ? headerOf(udh) : null,
  };
  tell({ submitted: { ...part, id, receipt: pdu.registered_delivery } });
  const whole = wholeText(part);
  if (whole) tell({ arrived: whole });
  if (!(pdu.registered_delivery & WANTED) || receipts === 'none') return;
  const each = () => report(id, { ...part, failed: receipts === 'failed' });
  if (receipts === 'held') held.push(each);
  else setImmediate(each);
  if (receipts === 'twice') setTimeout(each, 50);
}

const server = smpp.createServer((session) => {
  session.on('bind_transceiver', (pdu) => {
    const known = pdu.system_id === user && pdu.password === password;
    session.send(pdu.response({ system_id: 'CENTRE', command_status: known ? smpp.ESME_ROK : smpp.ESME_RBINDFAIL }));
    tell({ bound: known });
    if (!known) return;
    link = session;
    unconfirmed.forEach((part, id) => report(id, part));
  });
  session.on('submit_sm', (pdu) => submitted(session, pdu));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => session.send(pdu.response()));
  session.on('error', (error) => tell({ error: error.message }));
});
server.listen(Number(port), '127.0.0.1', () => console.log(server.address().port));

const told = {
  throttle: (count) => { throttle = count; },
  refuse: ({ phone, status }) => { refused.set(phone, status); },
  receipts: (how) => { receipts = how; },
  release: () => { held.splice(0).forEach((each) => each()); },
  text: ({ phone, to, coding, octets, header_inside: inside }) => link.deliver_sm({
    esm_class: inside ? HEADER_INSIDE : 0,
    source_addr_ton: 1,
    source_addr_npi: 1,
    source_addr: phone,
    destination_addr: to,
    data_coding: coding,
    short_message: Buffer.from(octets, 'hex'),
  }, (pdu) => tell({ delivered: phone, answered: pdu.command_status })),
};

createInterface({ input: process.stdin })
  .on('line', (line) => Object.entries(JSON.parse(line)).forEach(([what, how]) => told[what](how)))
  .on('close', () => process.exit()); // whoever started it is gone
