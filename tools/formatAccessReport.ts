import type { AccessReport } from '../src/doctor/AccessReport.ts';
import type { Finding } from '../src/doctor/Finding.ts';
import { formatColumns } from './formatColumns.ts';
import { toCell, toLine } from './terminalText.ts';

const marks: Readonly<Record<Finding['status'], string>> = {
  ok: 'ok',
  warning: 'WARNING',
  failed: 'FAILED',
  skipped: 'skipped',
};

/** The report for people: what was seen in the order of the chain, then what to do about it. */
export function formatAccessReport(report: AccessReport): string {
  const { tenant, credential, findings, isReady, problems } = report;
  const clientId = credential.clientId === undefined ? '' : ` ${credential.clientId}`;
  const head = `Tenant ${toLine(tenant.name)} (${toLine(tenant.id)}), signing in by ${credential.kind}${clientId}`;
  const table = formatColumns([
    ['step', 'about', 'result', 'what was seen'],
    ...findings.map(({ step, about = '', status, text }) => [
      step,
      toCell(about, 40),
      marks[status],
      toCell(text, 400),
    ]),
  ]);
  const todo = findings.filter(({ status }) => status === 'failed' || status === 'warning');
  const end = isReady ? 'Ready.' : `Not ready: ${problems.length} of the above failed.`;
  return [head, table, ...todo.flatMap(describe), end].join('\n\n');
}

/** Texts of what the table had to leave out, and what to do; nothing where there is neither. */
function describe({ step, about, status, advice, command, code, requestId }: Finding): string[] {
  if (advice === undefined && command === undefined && requestId === undefined) return [];
  const subject = about === undefined ? step : `${step} ${about}`;
  const ids = [code, requestId && `request id ${requestId}`].filter(Boolean).join(', ');
  return [
    [
      `${marks[status]} ${toLine(subject)}${ids ? ` (${toLine(ids)})` : ''}`,
      ...(advice === undefined ? [] : [`  ${toLine(advice)}`]),
      ...(command === undefined ? [] : [`  ${toLine(command)}`]),
    ].join('\n'),
  ];
}
