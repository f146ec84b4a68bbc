using System.Diagnostics;
using System.Globalization;

namespace Quoin.Bench.Gateway;

/// <summary>A process beside the bench that ends when its input does, so with the bench, however that ends.</summary>
internal sealed class BenchProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLongest = TimeSpan.FromSeconds(60);
    private readonly Process process;

    private BenchProcess(Process process, Uri address) => (this.process, Address) = (process, address);

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>The provider.</summary>
    public static async Task<BenchProcess> StartUpstream(CancellationToken cancellationToken)
    {
        var server = Start(Path.Combine(AppContext.BaseDirectory, "Quoin.Bench"), [Upstream.Command], []);
        while (await server.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith(Upstream.Ready, StringComparison.Ordinal))
            {
                return new BenchProcess(server, Local(line[Upstream.Ready.Length..]));
            }
        }

        throw new InvalidOperationException("The provider did not start.");
    }

    /// <summary>npm's @portkey-ai/gateway, in production mode, allowed to call this machine.</summary>
    public static async Task<BenchProcess> StartPortkey(CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../Gateway"));
        using (var install = Process.Start(Path.Combine(folder, "install")))
        {
            await install.WaitForExitAsync(cancellationToken);
            if (install.ExitCode != 0)
            {
                throw new InvalidOperationException("The gateway to be measured beside could not be installed.");
            }
        }

        var port = FreePort();
        const string untilInputEnds = """
            exec 3<&0 2>/dev/null
            node "$1/node_modules/@portkey-ai/gateway/build/start-server.js" "--port=$2" --headless </dev/null >/dev/null 2>&1 3<&- &
            read -r _ <&3
            kill "$!"
            wait "$!"
            """;
        var gateway = Start(
            "/bin/sh",
            ["-c", untilInputEnds, "portkey", folder, port],
            new() { ["NODE_ENV"] = "production", ["TRUSTED_CUSTOM_HOSTS"] = "127.0.0.1,localhost" });
        var started = new BenchProcess(gateway, Local(port));
        await started.UntilListening(cancellationToken);
        return started;
    }

    /// <summary>Writes a line to its input.</summary>
    public async Task Say(string line)
    {
        await process.StandardInput.WriteLineAsync(line);
        await process.StandardInput.FlushAsync();
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static Process Start(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started.");
    }

    private async Task UntilListening(CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var connection = await GatewayConnection.Open(Address, cancellationToken);
                return;
            }
            catch (System.Net.Sockets.SocketException) when (waited.Elapsed < StartLongest)
            {
                await Task.Delay(100, cancellationToken);
            }
        }
    }

    private static string FreePort()
    {
        using var probe = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        probe.Start();
        return ((System.Net.IPEndPoint)probe.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }

    private static Uri Local(string port) => new($"http://127.0.0.1:{port}");
}
