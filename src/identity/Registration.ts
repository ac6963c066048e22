/** An app registration that the settings name, and how they name it. */
export interface Registration {
  /** For error messages. */
  readonly title: string;
  readonly clientIdSetting: string;
  readonly secretSetting: string;
  readonly certificateSetting: string;
  /** What stops when its secret or certificate expires. */
  readonly usedFor: 'defender' | 'onBehalfOf';
}

/** As which the app calls Defender. */
export const defenderRegistration: Registration = {
  title: 'the app registration',
  clientIdSetting: 'DEFENDER_CLIENT_ID',
  secretSetting: 'DEFENDER_SECRET_NAME',
  certificateSetting: 'DEFENDER_CERTIFICATE_NAME',
  usedFor: 'defender',
};

/** For which the tokens of callers are, and which exchanges those of people. */
export const onBehalfOfRegistration: Registration = {
  title: 'the API registration',
  clientIdSetting: 'ON_BEHALF_OF_CLIENT_ID',
  secretSetting: 'ON_BEHALF_OF_SECRET_NAME',
  certificateSetting: 'ON_BEHALF_OF_CERTIFICATE_NAME',
  usedFor: 'onBehalfOf',
};
