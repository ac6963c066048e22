@description('Required. The object id of the app\'s identity.')
param principalId string

@description('Required. The storage account of the app.')
param storageAccountName string

@description('Required. Where the app sends its log.')
param componentName string

@description('Required. The vault.')
param vaultName string

@description('Required. True when the app reads a secret or a certificate from the vault.')
param readsSecrets bool

var roles = loadJsonContent('../roles.json')

resource storageAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageAccountName
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName
}

// The host leases a blob for each timer and reads the package; the app writes large and quarantined alerts
// (Put Blob), reads them back (Get Blob), and makes sure that its containers exist (Create Container).
resource blobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storageAccount.id, principalId, roles['Storage Blob Data Owner'])
  scope: storageAccount
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Storage Blob Data Owner']
    )
  }
}

// Checkpoint, ledger, operations, guards and tenants: Query, Insert, Update and Delete Entity, and entity group transactions.
resource tables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storageAccount.id, principalId, roles['Storage Table Data Contributor'])
  scope: storageAccount
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Storage Table Data Contributor']
    )
  }
}

// The outbox, the pulls of tenants and their poison queues: Put Message by the pull, Get and Delete Message by the host.
resource queues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storageAccount.id, principalId, roles['Storage Queue Data Contributor'])
  scope: storageAccount
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Storage Queue Data Contributor']
    )
  }
}

// Logs and metrics: Application Insights takes them from identities only.
resource telemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(component.id, principalId, roles['Monitoring Metrics Publisher'])
  scope: component
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Monitoring Metrics Publisher']
    )
  }
}

// Get Secret: the secrets and certificates by which registrations prove themselves (a certificate with its private key is
// read as the secret of its name), and the address of the webhook as a Key Vault reference.
resource secrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (readsSecrets) {
  name: guid(vault.id, principalId, roles['Key Vault Secrets User'])
  scope: vault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Key Vault Secrets User']
    )
  }
}
