import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Where sessions and codes are kept, as oxCacheConfiguration names it when a service starts. */
interface Cache {
  void put(String key, String value, int seconds) throws Exception;

  /** The value, or null where there is none or it has expired. */
  String get(String key) throws Exception;

  void remove(String key) throws Exception;

  /** @throws IllegalArgumentException for a provider that the stand-in does not have */
  static Cache fromConfiguration(Map<String, Object> configuration, Salt salt) throws Exception {
    String provider = String.valueOf(configuration.get("cacheProviderType"));
    switch (provider) {
      case "IN_MEMORY": return new InMemory();
      case "REDIS": return Redis.fromConfiguration(section(configuration, "redisConfiguration"), salt);
      default: throw new IllegalArgumentException("cacheProviderType " + provider + " is not in this stand-in");
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> section(Map<String, Object> configuration, String name) {
    return (Map<String, Object>) configuration.getOrDefault(name, Map.of());
  }

  /** Of one process alone: another node does not see it, and a restart empties it. */
  final class InMemory implements Cache {
    private record Kept(String value, long until) {}

    private final Map<String, Kept> kept = new ConcurrentHashMap<>();

    @Override
    public void put(String key, String value, int seconds) {
      long now = System.nanoTime();
      kept.values().removeIf(each -> each.until < now);
      kept.put(key, new Kept(value, now + seconds * 1_000_000_000L));
    }

    @Override
    public String get(String key) {
      Kept found = kept.get(key);
      return found == null || found.until < System.nanoTime() ? null : found.value;
    }

    @Override
    public void remove(String key) {
      kept.remove(key);
    }
  }
}
