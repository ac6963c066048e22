import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { SettingsReader, type Environment } from '../src/settings/SettingsReader.ts';
import type { Home } from '../src/tenants/TenantRecord.ts';
import { namesStorage, readLocalSettings } from './operatorStorage.ts';
import { readDeployment, requireValues } from './readDeployment.ts';

/** What the commands about tenants know of the deployment whose tenants they are. */
export interface TenantSettings {
  readonly home: Home;
  /** Where Entra is, without a closing slash. */
  readonly authorityHost: string;
  /** Client id of the multi-tenant application, and where its administrators come back to. @throws UsageError when unknown. */
  readonly application: () => { readonly clientId: string; readonly redirectUri: string };
}

/** Of the deployment whose storage the environment names, else of the local system. @throws SettingsError */
export function readTenantSettings(env: Environment): TenantSettings {
  const isDeployed = namesStorage(env);
  const values = isDeployed ? readDeployment(env) : readLocalSettings(env);
  if (!isDeployed) trustLocalServices(values);
  const reader = new SettingsReader(values);
  const home = { tenantId: reader.require('DEFENDER_TENANT_ID'), cloud: reader.require('DEFENDER_CLOUD') };
  const authorityHost = reader.require('AZURE_AUTHORITY_HOST');
  reader.throwFaults();
  return {
    home,
    authorityHost,
    application: () => {
      // An output of the deployment and a setting of the app say the same.
      const { PUBLIC_BASE_URL = values.API_URL } = values;
      const known = requireValues({ ...values, PUBLIC_BASE_URL }, 'DEFENDER_CLIENT_ID', 'PUBLIC_BASE_URL');
      const baseUrl = known.PUBLIC_BASE_URL.replace(/\/+$/, '');
      return { clientId: known.DEFENDER_CLIENT_ID, redirectUri: `${baseUrl}/api/consent` };
    },
  };
}

/** The services of the local system have a certificate of their own, which only the app is started with. */
function trustLocalServices({ NODE_EXTRA_CA_CERTS: file }: Environment): void {
  if (file === undefined) return;
  tls.setDefaultCACertificates([...tls.getCACertificates(), readFileSync(file, 'utf8')]);
}
