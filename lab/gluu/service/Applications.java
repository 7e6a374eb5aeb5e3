import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The three applications of which a cluster sees no more than that they started and answer. */
final class Applications {
  private Applications() {}

  /** oxTrust: knows the address of its SCIM endpoints from its configuration. */
  static Service.Application identity(Directory directory) throws Exception {
    Map<String, String> entry = directory.read(directory.settings.getProperty("oxtrust_ConfigurationEntryDN"));
    String base = Json.readObject(entry.get("oxtrustconfapplication")).get("baseEndpoint").toString();
    Map<String, Object> scim =
        Map.of(
            "version", "2.0",
            "authorization_supported", List.of("uma"),
            "user_endpoint", base + "/scim/v2/Users",
            "group_endpoint", base + "/scim/v2/Groups");
    return exchange -> {
      if (exchange.path().equals("/identity/restv1/scim-configuration")) exchange.json(200, List.of(scim));
      else exchange.json(404, Map.of("error", "not_found"));
    };
  }

  /** Shibboleth: shows its metadata, the file of which file synchronisation carries from node to node. */
  static Service.Application idp(Directory directory) throws Exception {
    directory.read(directory.settings.getProperty("oxidp_ConfigurationEntryDN"));
    Path metadata = Path.of("/opt/shibboleth-idp/metadata/idp-metadata.xml");
    return exchange -> {
      if (exchange.path().equals("/idp/shibboleth"))
        exchange.reply(200, "application/samlmetadata+xml", Files.readString(metadata));
      else exchange.json(404, Map.of("error", "not_found"));
    };
  }

  static Service.Application passport(Directory directory) throws Exception {
    directory.read(directory.settings.getProperty("oxpassport_ConfigurationEntryDN"));
    Map<String, Object> file = Json.readObject(Files.readString(Service.CONFIGURATION.resolve("passport-config.json")));
    return exchange -> {
      if (exchange.path().matches("/passport/?")) exchange.json(200, Map.of("serverURI", file.get("serverURI")));
      else exchange.json(404, Map.of("error", "not_found"));
    };
  }
}
