using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Quoin.Bench.Gateway;

/// <summary>Somewhere the same calls are sent to: the provider itself, or a gateway in front of it.</summary>
internal sealed class GatewayTarget
{
    private readonly Uri address;
    private readonly byte[] plain;
    private readonly byte[] stream;
    private readonly byte[] held;
    private long answered;

    /// <param name="name">What it is called in what is printed.</param>
    /// <param name="address">Where it listens.</param>
    /// <param name="headers">What it wants besides, each with its end of line.</param>
    public GatewayTarget(string name, Uri address, string headers)
    {
        (Name, this.address) = (name, address);
        plain = Request(address, headers, Upstream.Model, isStream: false);
        stream = Request(address, headers, Upstream.Model, isStream: true);
        held = Request(address, headers, Upstream.HeldModel, isStream: true);
    }

    public string Name { get; }

    /// <summary>Calls that were answered whole.</summary>
    public long Answered => Interlocked.Read(ref answered);

    /// <summary>Plain calls over so many connections, as fast as they are answered; the milliseconds of each.</summary>
    public Task<List<double>> Plain(int connections, double seconds, CancellationToken cancellationToken) => Repeat(
        connections, seconds, (connection, token) => connection.Call(plain, token), cancellationToken);

    /// <summary>Streams, one after the other on one connection; the milliseconds to the first event of each.</summary>
    public Task<List<double>> Streams(double seconds, CancellationToken cancellationToken) => Repeat(
        1,
        seconds,
        async (connection, token) =>
        {
            var first = await connection.FirstEvent(stream, token);
            await connection.Finish(token);
            return first;
        },
        cancellationToken);

    /// <summary>Begins so many streams that stay open.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<IReadOnlyCollection<GatewayConnection>> Hold(int count, CancellationToken cancellationToken)
    {
        var open = new ConcurrentBag<GatewayConnection>();
        await Parallel.ForAsync(
            0,
            count,
            new ParallelOptions { MaxDegreeOfParallelism = 50, CancellationToken = cancellationToken },
            async (_, token) =>
            {
                var connection = await GatewayConnection.Open(address, token);
                open.Add(connection);
                await connection.FirstEvent(held, token);
            });
        return open;
    }

    /// <summary>Reads streams to their ends, which have been let come.</summary>
    public async Task Finish(IReadOnlyCollection<GatewayConnection> streams, CancellationToken cancellationToken)
    {
        foreach (var connection in streams)
        {
            await connection.Finish(cancellationToken);
            connection.Dispose();
            answered++;
        }
    }

    private async Task<List<double>> Repeat(
        int connections,
        double seconds,
        Func<GatewayConnection, CancellationToken, ValueTask<double>> call,
        CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var times = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(
            async () =>
            {
                var own = new List<double>();
                using var connection = await GatewayConnection.Open(address, cancellationToken);
                while (TimeProvider.System.GetElapsedTime(started).TotalSeconds < seconds)
                {
                    own.Add(await call(connection, cancellationToken));
                }

                return own;
            },
            cancellationToken)));
        List<double> all = [.. times.SelectMany(own => own)];
        Interlocked.Add(ref answered, all.Count);
        return all;
    }

    private static byte[] Request(Uri address, string headers, string model, bool isStream)
    {
        const string prompt = "Say hello to whoever reads this, in few words and without any emphasis.";
        var body = $$"""{"model":"{{model}}","messages":[{"role":"user","content":"{{prompt}}"}],"max_tokens":100"""
            + (isStream ? ""","stream":true,"stream_options":{"include_usage":true}}""" : "}");
        return Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: {address.Authority}\r\n{headers}"
            + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
    }
}
