@description('Required. The name of the vault.')
@minLength(3)
@maxLength(24)
param name string

@description('Required. Where the vault is kept.')
param location string

@description('Required. The tags of every resource.')
param tags { *: string }

@description('Required. True when the vault is reached through a private endpoint only.')
param isPrivate bool

@description('Required. True to take a deleted vault of this name back; purge protection keeps its name for 90 days.')
param isRecovered bool

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    createMode: isRecovered ? 'recover' : 'default'
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }
}

@description('The resource id of the vault.')
output id string = vault.id

@description('The name of the vault.')
output name string = vault.name

@description('Where the vault is reached.')
output url string = vault.properties.vaultUri
