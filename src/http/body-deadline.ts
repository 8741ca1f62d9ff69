import type { IncomingMessage } from 'node:http';

const wholeMs = 60_000;
const pauseMs = 30_000;
const deadlines = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/**
 * Cuts a connection whose request is not wholly here within a minute, so that nobody holds it by sending slowly. Node's own limit is
 * one for all routes; here an upload can be given the time it needs.
 */
export function holdToDeadline(request: IncomingMessage, ms = wholeMs): void {
  if (!hasBody(request)) return;
  const timer = setTimeout(() => request.destroy(), ms);
  deadlines.set(request, timer);
  request.once('close', () => clearTimeout(timer));
}

/** For an upload by somebody who may: as long as something comes. */
export function allowLongBody(request: IncomingMessage, ms = pauseMs): void {
  clearTimeout(deadlines.get(request));
  const timer = setTimeout(cut, ms);
  request.on('data', again);
  request.once('end', stop);
  request.once('close', stop);
  // Listening must not make it flow before somebody reads it.
  request.pause();

  function again() {
    timer.refresh();
  }
  function cut() {
    request.destroy();
  }
  function stop() {
    clearTimeout(timer);
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || (length !== undefined && length !== '0');
}
