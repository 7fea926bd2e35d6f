package dev.coterie.cluster.store;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.StatusOr;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Lets one gRPC channel reach several members of etcd: gRPC itself resolves one name only. */
final class EndpointResolver extends NameResolverProvider {

    private static final String SCHEME = "coterie-etcd";

    static {
        NameResolverRegistry.getDefaultRegistry().register(new EndpointResolver());
    }

    /** The target under which a channel reaches these members. */
    static String target(List<URI> endpoints) {
        return SCHEME + ":///"
                + endpoints.stream()
                        .map(endpoint -> endpoint.getHost() + ":" + endpoint.getPort())
                        .collect(Collectors.joining(","));
    }

    @Override
    public NameResolver newNameResolver(URI target, NameResolver.Args args) {
        String list = target.getPath().substring(1);
        return new NameResolver() {
            @Override
            public String getServiceAuthority() {
                return list.split(",", 2)[0];
            }

            @Override
            public void start(Listener2 listener) {
                // Names are looked up anew each time the channel asks, so that a member may move.
                listener.onResult(ResolutionResult.newBuilder()
                        .setAddressesOrError(StatusOr.fromValue(Arrays.stream(list.split(","))
                                .map(EndpointResolver::address)
                                .toList()))
                        .build());
            }

            @Override
            public void shutdown() {}
        };
    }

    private static EquivalentAddressGroup address(String endpoint) {
        int colon = endpoint.lastIndexOf(':');
        return new EquivalentAddressGroup(
                new InetSocketAddress(endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1))));
    }

    @Override
    public String getDefaultScheme() {
        return SCHEME;
    }

    @Override
    protected boolean isAvailable() {
        return true;
    }

    @Override
    protected int priority() {
        return 5;
    }
}
