import type { Guard } from '../access/guard.ts';
import type { AnswerPlain, PlainAnswer } from '../http/plain-lane.ts';
import { plainBodyBytesMax } from '../http/plain-post.ts';
import { problemOf, retryAfterOf } from '../http/problem.ts';
import { refusalToSend } from '../http/problems.ts';
import { apiHeaders } from '../http/security.ts';
import { BrokenPromise } from '../kernel/assert.ts';
import type { Log } from '../kernel/log.ts';
import { answerSingle } from './answer-single.ts';
import type { PlainReading } from './plain-reading.ts';
import { type PostDeps, postItem } from './post-readings.ts';
import { skipSpace } from './read-batch.ts';
import type { Reception } from './reception.ts';
import { ObjectScanner } from './scan-objects.ts';
import type { SourceStore } from './source-store.ts';

interface PlainPostDeps extends PostDeps {
  sources: SourceStore;
  reception: Reception;
  log: Log;
}

interface PlainPostOptions {
  guard: Pick<Guard, 'admit'>;
  https: boolean;
  onBrokenPromise: (error: BrokenPromise) => void;
}

/**
 * One reading a request, by the lane beside node:http: what POST /v1/readings does with one object, with the same verdicts and the same
 * answers, as long as nothing about it is unusual. Whatever the route would refuse before it judges the reading is left to the route.
 */
export function answerPlainPosts(
  deps: PlainPostDeps,
  { guard, https, onBrokenPromise }: PlainPostOptions,
): AnswerPlain {
  const security = apiHeaders(https);
  const yesHeaders = { ...security, 'content-type': 'application/json; charset=utf-8' };
  const yes = (body: object, status = 200): PlainAnswer => ({
    status,
    headers: yesHeaders,
    body: JSON.stringify(body),
  });
  // Nearly every answer is one of these.
  const plainYes = { accepted: yes({ verdict: 'accepted' }), duplicate: yes({ verdict: 'duplicate' }) };
  let refused = 0;

  return (authorization, body) => {
    const { journal, reception, sources, tally } = deps;
    const item = readOne(body);
    if (!item || !reception.receiving) return undefined;
    const key = guard.admit(authorization, 'readings:write');
    if (!key) return undefined;
    try {
      const verdict = postItem(deps, item, sources.idOf('api-key', key.name));
      tally[verdict.verdict] += 1;
      const said = verdict.verdict;
      return journal
        .durable()
        .then(() => {
          if (said === 'duplicate' || (said === 'accepted' && !verdict.flags)) return plainYes[said];
          const answer = answerSingle(verdict, item.kind);
          return yes(answer, answer.verdict === 'quarantined' ? 202 : 200);
        })
        .catch(problem);
    } catch (error) {
      return Promise.resolve(problem(error));
    }
  };

  function problem(error: unknown): PlainAnswer {
    const refusal = refusalToSend(error, deps.log);
    // After the answer has left.
    if (error instanceof BrokenPromise) setImmediate(() => onBrokenPromise(error));
    refused += 1;
    const told = problemOf(refusal, `plain-${refused.toString(36)}`);
    const headers = { ...security, ...retryAfterOf(refusal), 'content-type': 'application/problem+json' };
    return { status: told.status, headers, body: JSON.stringify(told) };
  }
}

// One for all posts, because a body is read within a tick.
const scanner = new ObjectScanner(true);
const scratch = Buffer.alloc(plainBodyBytesMax + 1);

/** One object that is all of the body and holds no surprise. */
function readOne(body: Uint8Array): PlainReading | undefined {
  scratch.set(body);
  scratch[body.length] = 0;
  const isPlain = scanner.scan(scratch, 0) && skipSpace(scratch, scanner.position) === body.length;
  return isPlain ? scanner.reading.toPlain(scratch) : undefined;
}
