import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { LabSink } from '../../config/index.js';
import { messageOf } from '../../core/index.js';
import type { Check } from './types.js';

/** Binds a sink's port and lets it go again. */
async function bindable(sink: LabSink): Promise<void> {
  if (sink.protocol === 'tftp') {
    const socket = createSocket(sink.address.includes(':') ? 'udp6' : 'udp4');
    socket.bind(sink.port, sink.address);
    await once(socket, 'listening');
    socket.close();
    return;
  }
  const server = createServer();
  server.listen(sink.port, sink.address);
  await once(server, 'listening');
  server.close();
}

/** Whether a sink could listen where lab.yaml says. */
export async function checkSink(sink: LabSink): Promise<Check> {
  const what = `sink ${sink.id}`;
  try {
    await bindable(sink);
    return { what, state: 'ok', text: `${sink.address}:${sink.port} can be bound`, remedy: null };
  } catch (error) {
    return {
      what,
      state: 'missing',
      text: messageOf(error),
      remedy: `free ${sink.address}:${sink.port}, or give the sink another port`,
    };
  }
}
