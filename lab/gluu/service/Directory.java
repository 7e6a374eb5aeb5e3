import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import javax.naming.AuthenticationException;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.Attributes;
import javax.naming.directory.BasicAttributes;
import javax.naming.directory.SearchControls;
import javax.naming.ldap.InitialLdapContext;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The directory as ox-ldap.properties names it. Each use connects anew to the first server of the list that answers, so
 * that a list of two outlives the loss of one. As in the real services, a certificate is trusted that the trust store
 * holds, and its name is not compared.
 */
final class Directory {
  final Properties settings = new Properties();
  final Salt salt;

  Directory(Path configuration) throws Exception {
    try (var reader = Files.newBufferedReader(configuration.resolve("ox-ldap.properties"))) {
      settings.load(reader);
    }
    salt = Salt.fromFile(configuration.resolve("salt"));
    System.setProperty("com.sun.jndi.ldap.object.disableEndpointIdentification", "true");
    TrustedSockets.trust(context());
  }

  private SSLContext context() throws Exception {
    KeyStore store = KeyStore.getInstance(settings.getProperty("ssl.trustStoreFormat"));
    char[] pin = salt.decode(settings.getProperty("ssl.trustStorePin")).toCharArray();
    try (var stream = Files.newInputStream(Path.of(settings.getProperty("ssl.trustStoreFile")))) {
      store.load(stream, pin);
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  /** An entry's attributes, named in lower case, several values in lines. @throws NamingException where there is none */
  Map<String, String> read(String name) throws Exception {
    InitialLdapContext context = connect();
    try {
      return valuesOf(context.getAttributes(named(name)));
    } finally {
      context.close();
    }
  }

  /** The entry that a filter finds beneath a base, with its name under `dn`, or null. */
  Map<String, String> find(String base, String filter, Object... values) throws Exception {
    InitialLdapContext context = connect();
    try {
      SearchControls subtree = new SearchControls();
      subtree.setSearchScope(SearchControls.SUBTREE_SCOPE);
      var found = context.search(named(base), filter, values, subtree);
      if (!found.hasMore()) return null;
      var result = found.next();
      Map<String, String> entry = valuesOf(result.getAttributes());
      entry.put("dn", result.getNameInNamespace());
      return entry;
    } finally {
      context.close();
    }
  }

  void add(String name, Map<String, String> values) throws Exception {
    InitialLdapContext context = connect();
    try {
      Attributes attributes = new BasicAttributes();
      values.forEach(attributes::put);
      context.createSubcontext(named(name), attributes).close();
    } finally {
      context.close();
    }
  }

  /** Whether a person's password is right, asked of other servers than the service's own where so configured. */
  boolean isPassword(String servers, String name, String password) throws Exception {
    if (password.isEmpty()) return false;
    try {
      open(servers, name, password).close();
      return true;
    } catch (AuthenticationException refused) {
      return false;
    }
  }

  private InitialLdapContext connect() throws Exception {
    String password = salt.decode(settings.getProperty("bindPassword"));
    return open(settings.getProperty("servers"), settings.getProperty("bindDN"), password);
  }

  private static InitialLdapContext open(String servers, String name, String password) throws NamingException {
    Hashtable<String, String> how = new Hashtable<>();
    how.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
    how.put(
        Context.PROVIDER_URL,
        Arrays.stream(servers.split(",")).map(server -> "ldaps://" + server.strip()).collect(Collectors.joining(" ")));
    how.put("java.naming.ldap.factory.socket", "TrustedSockets");
    how.put("com.sun.jndi.ldap.connect.timeout", "3000");
    how.put("com.sun.jndi.ldap.read.timeout", "10000");
    how.put(Context.SECURITY_AUTHENTICATION, "simple");
    how.put(Context.SECURITY_PRINCIPAL, name);
    how.put(Context.SECURITY_CREDENTIALS, password);
    return new InitialLdapContext(how, null);
  }

  /** A slash in a name would be read as a step between names of several systems. */
  private static javax.naming.Name named(String name) throws NamingException {
    return new javax.naming.ldap.LdapName(name);
  }

  private static Map<String, String> valuesOf(Attributes attributes) throws NamingException {
    Map<String, String> values = new LinkedHashMap<>();
    var all = attributes.getAll();
    while (all.hasMore()) {
      Attribute attribute = all.next();
      StringBuilder lines = new StringBuilder();
      for (int index = 0; index < attribute.size(); index++)
        lines.append(index == 0 ? "" : "\n").append(attribute.get(index));
      values.put(attribute.getID().toLowerCase(), lines.toString());
    }
    return values;
  }
}
