// A USSD centre over SMPP 3.4, by npm's smpp, on a free port that is printed first. What subscribers
// send is read from standard input, what they are shown is printed: a line of JSON each.
import { createInterface } from 'node:readline';
import smpp from 'smpp';

const { fromBuffer } = smpp.PDU.prototype;
smpp.PDU.prototype.fromBuffer = function keepOctets(octets) {
  Object.defineProperty(this, 'octets', { value: Buffer.from(octets) });
  return fromBuffer.call(this, octets);
};

const tell = (what) => console.log(JSON.stringify(what));
const [user, password] = process.argv.slice(2);
let link;
let taken = 0;

const server = smpp.createServer((session) => {
  session.on('bind_transceiver', (pdu) => {
    const known = pdu.system_id === user && pdu.password === password;
    session.send(pdu.response({ system_id: 'CENTRE', command_status: known ? smpp.ESME_ROK : smpp.ESME_RBINDFAIL }));
    if (known) link = session;
    tell({ bound: known });
  });
  session.on('submit_sm', (pdu) => {
    taken += 1;
    session.send(pdu.response({ message_id: String(taken) }));
    tell({
      phone: pdu.destination_addr,
      sender: pdu.source_addr,
      service: pdu.service_type,
      esm_class: pdu.esm_class,
      receipt: pdu.registered_delivery,
      coding: pdu.data_coding,
      text: pdu.short_message.message.toString(),
      operation: pdu.ussd_service_op,
      session: pdu.its_session_info?.toString('hex') ?? null,
      octets: pdu.octets.toString('hex'),
    });
  });
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => session.send(pdu.response()));
  session.on('error', (error) => tell({ error: error.message }));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const said = JSON.parse(line);
    link.deliver_sm({
      service_type: 'USSD',
      source_addr_ton: 1,
      source_addr_npi: 1,
      source_addr: said.phone,
      dest_addr_npi: 1,
      destination_addr: said.to,
      data_coding: said.coding,
      short_message: Buffer.from(said.octets, 'hex'),
      ussd_service_op: said.operation,
      its_session_info: Buffer.from(said.session, 'hex'),
    }, (pdu) => tell({ delivered: pdu.command_status }));
  })
  .on('close', () => process.exit()); // whoever started it is gone
