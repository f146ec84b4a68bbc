using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Tests.Support;

/// <summary>
/// One replica without a web server: the services of Platform, and of whatever modules a test adds, on a test database.
/// Several on one database are several replicas. Nothing runs in the background unless <see cref="Start"/> is called.
/// </summary>
public sealed class TestReplica : IAsyncDisposable
{
    private readonly ServiceProvider provider;
    private readonly List<IHostedService> started = [];

    /// <summary>A replica on a database.</summary>
    /// <param name="database">The database it shares with others.</param>
    /// <param name="time">Its system clock.</param>
    /// <param name="configure">Adds modules, pumps, jobs.</param>
    public TestReplica(TestDatabase database, TimeProvider time, Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        services.AddSingleton(database.App);
        services.AddSingleton(time);
        services.AddSingleton(new IdSource(time));
        services.AddSingleton(MasterKeys.Given(Convert.ToBase64String(new byte[32])));
        services.AddPlatform();
        configure?.Invoke(services);
        provider = services.BuildServiceProvider();
    }

    /// <summary>One of its services.</summary>
    public T Get<T>()
        where T : notnull => provider.GetRequiredService<T>();

    /// <summary>Does what a host does before it starts: makes subscriptions and recurring jobs known.</summary>
    public async Task Prepare()
    {
        foreach (var service in provider.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
        {
            await service.StartingAsync(CancellationToken.None);
        }
    }

    /// <summary>Does something in a transaction and commits it.</summary>
    public async Task<T> InTransaction<T>(Func<NpgsqlTransaction, Task<T>> act)
    {
        await using var connection = await Get<NpgsqlDataSource>().OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var result = await act(transaction);
        await transaction.CommitAsync();
        return result;
    }

    /// <summary>Starts everything that runs in the background.</summary>
    public async Task Start()
    {
        await Prepare();
        foreach (var service in provider.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
            started.Add(service);
        }
    }

    /// <summary>Stops it cleanly.</summary>
    public async Task Stop()
    {
        foreach (var service in started)
        {
            await service.StopAsync(CancellationToken.None);
        }

        started.Clear();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Stop();
        await provider.DisposeAsync();
    }
}
