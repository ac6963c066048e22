@description('Optional. The object id of the group or person that operates the app. Absent: nobody but the app reaches its storage.')
param operatorPrincipalId string?

@description('Optional. What that is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param operatorPrincipalType string = 'Group'

@description('Optional. The object id of whoever deploys, and makes secrets and certificates. Absent: nobody.')
param deployerPrincipalId string?

@description('Optional. What that is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param deployerPrincipalType string = 'User'

@description('Required. True when the app signs in with a secret.')
param makesSecrets bool

@description('Required. True when the app signs in with a certificate.')
param makesCertificates bool

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

// `npm run checkpoint`, `npm run guard` and `npm run tenants`: Query, Insert, Update and Delete Entity.
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

// `npm run rotate-secret`: Set Secret, List Versions and Update Secret, after the deployment and on every rotation.
resource secretMaker 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (makesSecrets && deployerPrincipalId != null) {
  name: guid(vault.id, deployerPrincipalId ?? '', roles['Key Vault Secrets Officer'])
  scope: vault
  properties: {
    principalId: deployerPrincipalId ?? ''
    principalType: deployerPrincipalType
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Key Vault Secrets Officer']
    )
  }
}

// `npm run rotate-secret`: Create, Get and Update Certificate. It reads no private key.
resource certificateMaker 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (makesCertificates && deployerPrincipalId != null) {
  name: guid(vault.id, deployerPrincipalId ?? '', roles['Key Vault Certificates Officer'])
  scope: vault
  properties: {
    principalId: deployerPrincipalId ?? ''
    principalType: deployerPrincipalType
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Key Vault Certificates Officer']
    )
  }
}
