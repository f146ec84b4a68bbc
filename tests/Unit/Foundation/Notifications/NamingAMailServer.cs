using Quoin.Notifications;

namespace Quoin.Tests.Unit.Foundation.Notifications;

public sealed class NamingAMailServer
{
    [Fact]
    public void Takes_all_of_it_from_a_url()
    {
        var server = SmtpServer.Read("smtp://us%40er:p%3Aw@mail.example.com:2525?from=billing@example.com", out _)!;

        (server.Host, server.Port, server.From, server.UsesTls).ShouldBe(("mail.example.com", 2525, "billing@example.com", true));
        server.Credentials!.UserName.ShouldBe("us@er");
        server.Credentials.Password.ShouldBe("p:w");
        server.ToString().ShouldBe("mail.example.com:2525");
    }

    [Fact]
    public void Needs_neither_user_nor_port()
    {
        var server = SmtpServer.Read("smtp://localhost?from=a@b.example&tls=none", out _)!;

        (server.Port, server.UsesTls, server.Credentials).ShouldBe((587, false, null));
    }

    [Theory]
    [InlineData("mail.example.com:25")]
    [InlineData("smtps://mail.example.com?from=a@b.example")]
    [InlineData("smtp://mail.example.com")]
    [InlineData("smtp://mail.example.com?from=nobody")]
    [InlineData("smtp://mail.example.com?from=a@b.example&tls=maybe")]
    public void Says_what_is_wrong_with_another_text(string text)
    {
        SmtpServer.Read(text, out var wrong).ShouldBeNull();
        wrong.ShouldNotBeNull();
    }
}
