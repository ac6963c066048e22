import { permissionTable, type Permission } from '../identity/permissions.ts';

/** An API that runs hunting queries. */
export interface HuntingApi {
  readonly path: string;
  readonly permission: Permission;
  /** True when it takes a time span beside the query. */
  readonly takesTimespan: boolean;
  /** When it stops answering; absent for the one that stays. */
  readonly stopsOn?: string;
}

/**
 * Sources: https://learn.microsoft.com/graph/api/security-security-runhuntingquery,
 * https://learn.microsoft.com/defender-endpoint/api/run-advanced-query-api,
 * https://learn.microsoft.com/defender-xdr/api-advanced-hunting
 */
export const huntingApis: Readonly<Record<'graph' | 'endpoint' | 'xdr', HuntingApi>> = {
  graph: {
    path: '/v1.0/security/runHuntingQuery',
    permission: permissionTable.huntWithGraph,
    takesTimespan: true,
  },
  endpoint: {
    path: '/api/advancedqueries/run',
    permission: permissionTable.huntWithEndpoint,
    takesTimespan: false,
    stopsOn: '2027-02-01',
  },
  xdr: {
    path: '/api/advancedhunting/run',
    permission: permissionTable.huntWithXdr,
    takesTimespan: false,
    stopsOn: '2027-02-01',
  },
};
