FLASK_APP=service.app:create_cli
