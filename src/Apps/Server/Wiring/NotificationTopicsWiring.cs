namespace Quoin.Server.Wiring;

/// <summary>
/// Which news of which module organisations are told as which topic: a call of <c>AddNotification</c> for each. The
/// publishers know nothing of notifications, and these nothing of the publishers.
/// </summary>
internal static class NotificationTopicsWiring
{
    /// <summary>Wires every topic that has a publisher.</summary>
    public static IServiceCollection AddNotificationTopics(this IServiceCollection services) => services;
}
