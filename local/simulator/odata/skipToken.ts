import { ODataError } from './ODataError.ts';

/** The `$skiptoken` of a link to the page behind the first `skip` records. Clients must not look into it. */
export function toSkipToken(skip: number): string {
  return Buffer.from(`after ${skip}`).toString('base64url');
}

/** How many records lie before the page; throws `ODataError` when `toSkipToken` did not make this. */
export function parseSkipToken(token: string): number {
  const skip = /^after (\d{1,10})$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (skip === undefined) throw new ODataError('The $skiptoken is not valid.');
  return Number(skip);
}
