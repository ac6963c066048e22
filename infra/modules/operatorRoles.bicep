@description('Optional. The object id of the group or person that operates the app. Absent: nobody but the app reaches its storage.')
param operatorPrincipalId string?

@description('Optional. What that is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param operatorPrincipalType string = 'Group'

@description('Optional. The object id of whoever puts the client secret into the vault, which is who deploys. Absent: nobody.')
param vaultWriterPrincipalId string?

@description('Optional. What that is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param vaultWriterPrincipalType string = 'User'

@description('Required. The storage account of the app.')
param storageAccountName string

@description('Required. The vault.')
param vaultName string

var roles = loadJsonContent('../roles.json')

resource storageAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageAccountName
}

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName
}

// `npm run checkpoint` and `npm run guard`: Query, Insert, Update and Delete Entity.
resource tables 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (operatorPrincipalId != null) {
  name: guid(storageAccount.id, operatorPrincipalId ?? '', roles['Storage Table Data Contributor'])
  scope: storageAccount
  properties: {
    principalId: operatorPrincipalId ?? ''
    principalType: operatorPrincipalType
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Storage Table Data Contributor']
    )
  }
}

// `npm run poison`: Peek, Get, Put and Delete Message.
resource queues 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (operatorPrincipalId != null) {
  name: guid(storageAccount.id, operatorPrincipalId ?? '', roles['Storage Queue Data Contributor'])
  scope: storageAccount
  properties: {
    principalId: operatorPrincipalId ?? ''
    principalType: operatorPrincipalType
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Storage Queue Data Contributor']
    )
  }
}

// Set Secret and Get Secret: the client secret is made after the deployment, and again on every rotation.
resource vaultWriter 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (vaultWriterPrincipalId != null) {
  name: guid(vault.id, vaultWriterPrincipalId ?? '', roles['Key Vault Secrets Officer'])
  scope: vault
  properties: {
    principalId: vaultWriterPrincipalId ?? ''
    principalType: vaultWriterPrincipalType
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Key Vault Secrets Officer']
    )
  }
}
