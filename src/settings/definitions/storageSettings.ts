import { baseUrl, text } from '../settingTypes.ts';
import { guid, anyText } from './formats.ts';
import type { SettingDefinitions } from './SettingDefinition.ts';

/** Where the app keeps what it must remember. */
export const storageSettings = {
  AzureWebJobsStorage: {
    type: anyText,
    secret: true,
    meaning: 'Connection string of the storage account; for local use.',
  },
  AzureWebJobsStorage__accountName: {
    type: text('storage account name', /^[a-z0-9]{3,24}$/),
    meaning: 'The storage account, reached by identity; for use in Azure.',
  },
  AzureWebJobsStorage__tableServiceUri: {
    type: baseUrl,
    meaning: 'The table endpoint, where it does not follow from the account name.',
  },
  AzureWebJobsStorage__queueServiceUri: { type: baseUrl, meaning: 'Likewise for queues.' },
  AzureWebJobsStorage__blobServiceUri: { type: baseUrl, meaning: 'Likewise for blobs.' },
  AzureWebJobsStorage__clientId: {
    type: guid,
    meaning: 'The user-assigned identity that reaches storage. Absent: as `AZURE_CLIENT_ID`.',
  },
} satisfies SettingDefinitions;
