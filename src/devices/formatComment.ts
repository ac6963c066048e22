import { operationTag, type Operation } from '../operations/Operation.ts';

/**
 * The comment that Defender keeps: the operation's tag first, so that it is found again even where a long comment is
 * cut, then why, and on whose behalf.
 */
export function formatComment({ id, request }: Operation): string {
  const { comment, caller, incidentId, run } = request;
  return [
    operationTag(id),
    comment,
    `[by ${caller.name ?? caller.id}]`,
    ...(incidentId === undefined ? [] : [`[incident ${incidentId}]`]),
    ...(run === undefined ? [] : [`[run ${run.runId}]`]),
  ].join(' ');
}
