import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What oxauth reads from the directory. Its own settings and the published keys are read again when oxRevision has
 * changed; cache, login servers and private keys are those of the start.
 */
final class OxAuthConfiguration {
  /** As the real one, which looks every half minute. */
  private static final long PAUSE = 30_000;

  private final Directory directory;
  private final String name;
  private final Map<String, String> appliance;
  private final Keys keys;
  private volatile Map<String, String> entry;

  OxAuthConfiguration(Directory directory) throws Exception {
    this.directory = directory;
    name = directory.settings.getProperty("oxauth_ConfigurationEntryDN");
    entry = directory.read(name);
    appliance = directory.read(name.substring(name.indexOf("inum=")));
    keys = new Keys(Path.of(text("keyStoreFile")), text("keyStoreSecret"));
  }

  void watch() {
    Thread watcher = new Thread(this::readAgainForever, "configuration");
    watcher.setDaemon(true);
    watcher.start();
  }

  private void readAgainForever() {
    while (true) {
      try {
        Thread.sleep(PAUSE);
        Map<String, String> now = directory.read(name);
        if (now.getOrDefault("oxrevision", "").equals(entry.getOrDefault("oxrevision", ""))) continue;
        entry = now;
        Service.log("INFO", "read revision " + now.get("oxrevision") + " of the configuration");
      } catch (InterruptedException ended) {
        return;
      } catch (Exception failed) {
        Service.log("WARN", "the configuration cannot be read: " + failed);
      }
    }
  }

  Map<String, Object> cache() {
    return Json.readObject(appliance.get("oxcacheconfiguration"));
  }

  /** Where people's passwords are asked: the list inside oxIDPAuthentication, which is JSON in JSON. */
  String loginServers() {
    Map<String, Object> authentication = Json.readObject(appliance.get("oxidpauthentication").split("\n")[0]);
    Object servers = Json.readObject(authentication.get("config").toString()).get("servers");
    return String.join(",", ((List<?>) servers).stream().map(Object::toString).toList());
  }

  String text(String field) {
    return String.valueOf(Json.readObject(entry.get("oxauthconfdynamic")).get(field));
  }

  /** The name of a branch of the tree, such as `people`. */
  String base(String branch) {
    Map<?, ?> bases = (Map<?, ?>) Json.readObject(entry.get("oxauthconfstatic")).get("baseDn");
    return bases.get(branch).toString();
  }

  Map<String, Object> webKeys() {
    return Json.readObject(entry.get("oxauthconfwebkeys"));
  }

  @SuppressWarnings("unchecked")
  String sign(Map<String, Object> claims) throws Exception {
    return keys.sign((List<Map<String, Object>>) webKeys().get("keys"), text("defaultSignatureAlgorithm"), claims);
  }

  Map<String, Object> discovery() {
    Map<String, Object> discovery = new LinkedHashMap<>();
    discovery.put("issuer", text("issuer"));
    discovery.put("authorization_endpoint", text("authorizationEndpoint"));
    discovery.put("token_endpoint", text("tokenEndpoint"));
    discovery.put("userinfo_endpoint", text("userInfoEndpoint"));
    discovery.put("jwks_uri", text("jwksUri"));
    discovery.put("response_types_supported", List.of("code"));
    discovery.put("grant_types_supported", List.of("authorization_code"));
    discovery.put("subject_types_supported", List.of("public"));
    discovery.put("id_token_signing_alg_values_supported", List.of("RS256", "RS384", "RS512", "ES256", "ES384", "ES512"));
    discovery.put("token_endpoint_auth_methods_supported", List.of("client_secret_basic", "client_secret_post"));
    return discovery;
  }
}
