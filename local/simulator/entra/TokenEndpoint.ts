import type { Call } from '../http/Call.ts';
import type { TokenAuthority } from './accessToken.ts';
import type { AdminConsents } from './AdminConsents.ts';
import type { RequestedTokenVersion } from './callerApi.ts';
import type { Callers } from './callers.ts';
import type { Cloud } from './clouds.ts';
import type { ConditionalAccess } from './ConditionalAccess.ts';
import type { DeviceCodes } from './DeviceCodes.ts';
import type { Directory } from './Directory.ts';
import type { Tenant } from './Principal.ts';
import type { RefreshTokens } from './RefreshTokens.ts';

/** What Entra works with. */
export interface TokenEndpoint extends TokenAuthority {
  readonly directory: Directory;
  /** The cloud of the company's tenant: Entra is the instance that serves it. */
  readonly cloud: Cloud;
  readonly callers: Callers;
  readonly deviceCodes: DeviceCodes;
  readonly refreshTokens: RefreshTokens;
  readonly conditionalAccess: ConditionalAccess;
  readonly adminConsents: AdminConsents;
  /** `uti` of the version 2 tokens of people who used a second factor, which does not show in such a token. */
  readonly multifactorTokens: Set<string>;
  /** `expires_in` of new tokens; Entra's usual value is 3599. */
  tokenLifetimeSeconds: number;
  /** Of the registration of the functions' own API. */
  requestedAccessTokenVersion: RequestedTokenVersion;
}

/** One request for a token, with its form read. */
export interface TokenRequest {
  readonly endpoint: TokenEndpoint;
  readonly tenant: Tenant;
  readonly call: Call;
  readonly form: URLSearchParams;
  /** Where Entra is reached. */
  readonly entraUrl: string;
}
