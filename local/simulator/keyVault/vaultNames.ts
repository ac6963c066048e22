/** The name of the Defender application's secret in the vault. */
export const secretName = 'defender-client-secret';

/** The name of the Defender application's certificate in the vault. */
export const certificateName = 'defender-client-certificate';

/** The name of the secret of the functions' own API in the vault. */
export const apiSecretName = 'api-client-secret';

/** The name of the certificate of the functions' own API in the vault. */
export const apiCertificateName = 'api-client-certificate';
