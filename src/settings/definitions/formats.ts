import { text } from '../settingTypes.ts';

// Forms that several settings have.

/** As Entra writes ids. */
export const guid = text('GUID', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
/** Anything but nothing. */
export const anyText = text('text', /\S/);
/** What names a resource of Entra. */
export const uri = text('URI', /^[a-z][a-z0-9+.-]*:\/\/\S+$/i);
/** What the vault allows as a name. */
export const vaultName = text('name of a secret or certificate in Key Vault', /^[0-9A-Za-z-]{1,127}$/);
