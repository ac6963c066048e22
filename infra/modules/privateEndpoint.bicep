@description('Required. The name of the endpoint.')
@minLength(2)
@maxLength(64)
param name string

@description('Required. Where the endpoint is kept.')
param location string

@description('Required. The tags of every resource.')
param tags { *: string }

@description('Required. The resource that is reached.')
param targetId string

@description('Required. Which of its services.')
@allowed(['blob', 'queue', 'table', 'vault'])
param service string

@description('Required. The virtual network from which it is reached.')
param networkId string

@description('Required. The subnet of the endpoint.')
param subnetId string

var storageZone = 'privatelink.${service}.${environment().suffixes.storage}'
var vaultZone = 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: service == 'vault' ? vaultZone : storageZone
  location: 'global'
  tags: tags
}

resource zoneLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: zone
  name: name
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: { id: networkId }
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2025-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: name
        properties: {
          privateLinkServiceId: targetId
          groupIds: [service]
        }
      }
    ]
  }
}

// Keeps the address of the endpoint in the zone, so that the service's usual name leads to it.
resource zoneGroup 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-01-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: service
        properties: { privateDnsZoneId: zone.id }
      }
    ]
  }
}

@description('The resource id of the endpoint.')
output id string = endpoint.id
