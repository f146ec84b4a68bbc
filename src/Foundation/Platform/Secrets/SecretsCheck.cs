using Microsoft.Extensions.Hosting;

namespace Quoin.Platform;

/// <summary>Refuses to start a replica whose master key is not the one the database's keys are wrapped with.</summary>
internal sealed class SecretsCheck(PurposeKeys keys) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => keys.Check(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
