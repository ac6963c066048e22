@description('Required. The name of the storage account.')
@minLength(3)
@maxLength(24)
param name string

@description('Required. Where the account is kept.')
param location string

@description('Required. The tags of every resource.')
param tags { *: string }

@description('Required. True when the account is reached through private endpoints only.')
param isPrivate bool

@description('Optional. Days after which large alerts that were handed over, and quarantined ones, are deleted.')
@minValue(30)
@maxValue(730)
param blobRetentionInDays int = 90

// What the app makes for itself where it is missing is made here, so that the first call finds it.
var tableNames = ['checkpoints', 'ledger', 'alerts', 'operations', 'guards', 'tenants']
var queueNames = ['alerts', 'alerts-poison', 'tenant-pulls', 'tenant-pulls-poison']
var containerNames = ['alerts', 'quarantine', 'app-package']
// The package stays: without it no instance can start.
var expiringContainerNames = ['alerts', 'quarantine']

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    supportsHttpsTrafficOnly: true
    networkAcls: {
      bypass: 'None'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    containerDeleteRetentionPolicy: { enabled: true, days: 7 }
    deleteRetentionPolicy: { enabled: true, days: 7 }
  }
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = [
  for containerName in containerNames: {
    parent: blobService
    name: containerName
    properties: { publicAccess: 'None' }
  }
]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = [
  for queueName in queueNames: {
    parent: queueService
    name: queueName
  }
]

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-06-01' = [
  for tableName in tableNames: {
    parent: tableService
    name: tableName
  }
]

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'delete-old-alerts'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: [for containerName in expiringContainerNames: '${containerName}/']
            }
            actions: {
              baseBlob: { delete: { daysAfterModificationGreaterThan: blobRetentionInDays } }
            }
          }
        }
      ]
    }
  }
  // The service refuses a policy for an account whose blob service is still being set up.
  dependsOn: [blobService]
}

@description('The resource id of the account.')
output id string = account.id

@description('The name of the account.')
output name string = account.name

@description('Where blobs are reached, without a closing slash.')
output blobUrl string = 'https://${account.name}.blob.${environment().suffixes.storage}'

@description('Where queues are reached, without a closing slash.')
output queueUrl string = 'https://${account.name}.queue.${environment().suffixes.storage}'

@description('Where tables are reached, without a closing slash.')
output tableUrl string = 'https://${account.name}.table.${environment().suffixes.storage}'

@description('Where the package of the app is put.')
output packageUrl string = 'https://${account.name}.blob.${environment().suffixes.storage}/app-package'
